"""The matrix's cells of questions: what their parameters say, and what is answered."""

from matrix import MOMENT, Case
from matrix_readings import json_of, row

CELLS = {}
FILLED = (json_of([row(20), row(40, quantity="humidity"), row(22, "t")]),)
AVERAGE = "/v1/average?room=<room>&window=1s&at="
READINGS = "/v1/readings?room=<room>&from=2026-01-31"
FOUND = (("count", 2), ("value", 21.0), ("unit", "°C"))


def asks(address, source, **said):
    return Case(address, source, before=FILLED, **said)


CELLS |= {
    ("names of fields", "questions"): [
        asks("/v1/average?Room=<room>", "a parameter that is none is told: Zalando's REST guidelines", status=400,
             says=("Room",)),
        asks(AVERAGE + "<ms>&colour=red", "typing errors must not widen a question", status=400, says=("colour",))],
    ("units", "questions"): [
        asks("/v1/average?room=<room>&quantity=co2", "Home Assistant's rest sensor: a quantity that the room lacks",
             answers=(("count", 0),), says=("temperature", "humidity")),
        asks(AVERAGE + "<ms>&unit=F", "a unit that would be passed over: 68 for 20", status=400, says=("unit",))],
    ("sensors and conflicts", "questions"): [
        asks(AVERAGE + "<ms>&sensor=t", "Grafana: one sensor of a room", answers=(("count", 1), ("value", 22.0))),
        asks("/v1/rejects?group_by=sensor,code&kind=conflict", "an operator counts what was lost",
             says=('"groups"',)),
        asks("/v1/rejects?group_by=colour", "typing errors must not widen a question", status=400, says=("group_by",))],
    ("where a body ends", "questions"): [
        asks("/query?q=SHOW+DATABASES", "curl -X POST has no length: RFC 9112, section 6.3", method="POST"),
        asks(AVERAGE + "<ms>", "GET has no body: RFC 9110, section 9.3.1", answers=FOUND)],
    ("byte order marks", "questions"): [
        asks("/v1/average?room=%EF%BB%BF<room>", "U+FEFF within a name is no mark: UTS 55", status=400,
             says=("U+FEFF",))],
    ("names", "questions"): [
        asks("/v1/average?room=%20<room>%C2%A0&window=1s&at=<ms>", "a form's blanks: HTML's urlencoded", answers=FOUND),
        asks("/v1/average?room=%22<room>%22&window=1s&at=<ms>&sensor=+t", "quotes that a shell left",
             answers=(("count", 1), ("room", "<room>"))),
        asks("/v1/average?room=<room>%E2%80%AE", "CVE-2021-42574 (bidi)", status=400, says=("U+202E",))],
    ("numbers in strings", "questions"): [
        asks("/temperatures/average?building=b&room=r&minutes=soon", "FastAPI: minutes is a number in an address",
             status=422,
             says=("minutes",)),
        asks(READINGS + "&limit=1e3", "a limit that is no number is told", status=400, says=("limit",))],
    ("one bad value", "questions"): [
        asks("/v1/history?room=<room>,&from=2026-01-31&to=2026-02-01&step=1d",
             "an empty member of a list: RFC 9110, 5.6.1",
             status=400, says=("room",)),
        asks("/v1/history?room=<room>&aggregates=mean,most&from=2026-01-31&to=2026-02-01&step=1d",
             "typing errors in a list", status=400, says=("most",))],
    ("times", "questions"): [
        asks(AVERAGE + "2026-01-31T13:00:00+01:00", "curl sends a plus as it is: URL Standard, urlencoded",
             answers=FOUND),
        asks("/v1/readings?room=<room>&from=2026-01-31T13:00:00+01&to=2026-01-31T13:00:00.001+01",
             "PostgreSQL's timestamptz",
             answers=(("readings.0.value", 20.0), ("readings.1.value", 22.0))),
        asks(AVERAGE + "2026-01-31T13:00%2B0100", "ISO 8601's basic offset", answers=FOUND),
        asks(AVERAGE + f"{MOMENT * 1000}", "Python's time_ns() // 1000: microseconds", answers=FOUND),
        asks(AVERAGE + "2026-01-31T13:00:00", "Python's datetime.now().isoformat() has no offset", status=400,
             says=("offset",)),
        asks("/v1/history?room=<room>&from=2026-01-31&to=2026-02-01&step=1d", "a date field of HTML",
             answers=(("buckets.0.count", 2), ("from", "2026-01-31T00:00:00.000Z"))),
        asks("/v1/readings?room=<room>&from=-1h&to=now", "Grafana's and Graphite's relative times",
             answers=(("readings", []),))],
    ("values that cannot be", "questions"): "a question has no values; what is stored was judged when it came",
    ("addresses and parameters", "questions"): [
        asks("/ping?verbose=true", "InfluxDB-Client-for-Arduino, validateConnection; Tasmota", says=('"version"',)),
        asks("/ping", "InfluxDB 1's /ping", status=204),
        asks("/query?q=SELECT+mean(value)+FROM+temperature", "Grafana's InfluxQL is told where to ask", status=400,
             says=("/v1/history",)),
        asks("/v1/history?room=<room>&room=none&aggregates=max&aggregates=min&from=2026-01-31&to=2026-02-01&step=1d",
             "OpenAPI's form style, exploded", status=404),
        asks("/v1/history?room=<room>&aggregates=max&aggregates=min&from=2026-01-31&to=2026-02-01&step=1d",
             "OpenAPI's form style, exploded", answers=(("buckets.0.max", 22.0), ("buckets.0.min", 20.0))),
        asks("/temperatures/average?room=<room>", "the original: FastAPI's required parameter", status=422,
             answers=(("detail.0.loc", ["query", "building"]), ("detail.0.type", "missing")))],
    ("files of loggers", "questions"): "a question sends nothing; export writes files of its own",
}
