"""The page at /, in a real browser: what a person sees, on a desk and on a phone, by day and by night."""

import contextlib
import json
import re

import pytest

from browser import Browser
from credentials import make_key
from nginx import PrefixProxy
from service import Service, now_ms, post_readings, reading

pytestmark = pytest.mark.one_at_a_time

KEY = "an-operators-own-key-of-some-length-1"
MINUTE = 60_000
HOUR = 60 * MINUTE
ODD = ["<img src=x onerror=\"document.title='run'\">", "غرفة الاجتماعات", "x" * 128, "a,b & c=d #1?%20/ü"]
FRESH = sorted([f"room-{i:02d}" for i in range(13)] + ODD)
CROWD = 1_200


@pytest.fixture(scope="module")
def browser():
    with Browser() as started:
        yield started


@pytest.fixture(scope="module")
def house():
    """Twenty rooms: one silent for 26 hours, one for 3 hours, one that is late, and others."""
    with Service() as service:
        client = service.start().client()
        now = now_ms()
        rows = [reading("gone", "s1", 18, timestamp=now - 26 * HOUR),
                reading("silent", "s1", 19, timestamp=now - 3 * HOUR),
                reading("late", "s1", 20, timestamp=now - 8 * MINUTE), reading("late", "s2", 21, timestamp=now - HOUR)]
        for room in FRESH:
            rows += [reading(room, "s1", 21, timestamp=now), reading(room, "s2", 22, timestamp=now),
                     reading(room, "s1", 40, timestamp=now, quantity="humidity")]
        # For the chart of the last day.
        rows += [reading("room-03", sensor, value, timestamp=now - 20 * HOUR)
                 for sensor, value in (("s1", 10), ("s2", 20))]
        assert post_readings(client, rows)["accepted"] == len(rows)
        client.close()
        yield service


@pytest.fixture(scope="module")
def secured():
    """More rooms than a page shows, for those with a key."""
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        client = service.start().client(key=KEY)
        now = now_ms()
        post_readings(client, [reading(f"c{i:04d}", timestamp=now, building="crowd") for i in range(CROWD)])
        client.close()
        yield service


def address(service):
    return f"http://127.0.0.1:{service.port}/"


@contextlib.contextmanager
def looking(browser, service, url=None, refused=None, faster=1, **screen):
    """A page that is open. At the end: it asked nobody else, was refused nothing by its policy, and said no error."""
    with browser.page(**screen) as page:
        if faster != 1:
            page.faster(faster)
        yield page.open(url or address(service))
        assert page.problems == []
        assert refused is not None or page.refused == []
        assert page.hosts() == {f"127.0.0.1:{service.port}"}


def rows_of(page):
    """[room, building, average, newest, age, sensors, state] for each."""
    return page.evaluate("[...document.querySelectorAll('#rooms tbody tr')].map(row => "
                         "[...row.cells].map(cell => cell.textContent))")


def wait_for_rows(page, many):
    page.wait(f"document.querySelectorAll('#rooms tbody tr').length === {many}")
    return rows_of(page)


def test_rooms_come_the_stalest_first_with_what_says_whether_to_trust_them(browser, house):
    with looking(browser, house) as page:
        rows = wait_for_rows(page, 20)
        assert [row[0] for row in rows] == ["gone", "silent", "late", *FRESH]
        assert [row[-1] for row in rows] == ["stale", "stale", "late"] + ["current"] * 17
        gone, silent, late, fresh = rows[0], rows[1], rows[2], rows[3]
        assert gone[2:4] + gone[5:6] == ["–", "18.00 °C", "0 of 1"] and gone[4] == "26 h"
        assert silent[4] == "3 h"
        assert late[2:4] + late[5:6] == ["20.00 °C", "20.00 °C", "1 of 2"] and late[4] in ("8 min", "9 min")
        assert fresh[2] == "21.50 °C" and fresh[5] == "2 of 2"
        assert "20 rooms, 2 stale" in page.text()
        assert page.evaluate("document.querySelector('a[href=docs]').innerText") == "Docs"
        # Names are text: nothing of them became an element or ran.
        assert page.evaluate("document.querySelectorAll('#rooms img').length") == 0
        assert page.evaluate("document.title").startswith("Rooms")
        headings = page.evaluate("[...document.querySelectorAll('#rooms thead th')].map(each => each.scope)")
        assert headings == ["col"] * 7
        assert all(page.evaluate("[...document.querySelectorAll('input, select')].map(each => each.labels.length)"))


def test_another_quantity_can_be_chosen_and_rooms_be_searched(browser, house):
    with looking(browser, house) as page:
        wait_for_rows(page, 20)
        assert page.evaluate("[...document.querySelector('#quantity').options].map(each => each.value)") == [
            "temperature", "humidity"]
        page.evaluate("document.querySelector('#quantity').value = 'humidity';"
                      "document.querySelector('#quantity').dispatchEvent(new Event('change'))")
        assert {row[2] for row in wait_for_rows(page, 17)} == {"40.00 %"}
        page.type("#search", "ROOM-1")
        assert [row[0] for row in wait_for_rows(page, 3)] == ["room-10", "room-11", "room-12"]
        page.type("#search", "<b>&")
        page.wait("!document.querySelector('#nothing').hidden")
        assert "ROOM-1<b>&" in page.text("#nothing")


def test_it_is_asked_again_and_again_while_somebody_looks(browser, house):
    with looking(browser, house, faster=50) as page:
        wait_for_rows(page, 20)
        client = house.client()
        room = "room-05"
        value = (f"[...document.querySelectorAll('#rooms tr')].find(row => row.cells[0].innerText === '{room}')"
                 ".cells[2].innerText")
        assert page.evaluate(value) == "21.50 °C"
        page.evaluate(f"[...document.querySelectorAll('#rooms a')].find(link => link.innerText === '{room}').focus()")
        post_readings(client, [reading(room, "s3", 27.5)])
        page.wait(f"{value} === '23.50 °C'")
        assert page.evaluate("document.activeElement.innerText") == room, "the keyboard's place stays"
        # Nobody looks: nothing is asked for, for as long as ten questions took.
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
                      "document.dispatchEvent(new Event('visibilitychange'))")
        asked = len(page.requests)
        page.evaluate("new Promise(done => setTimeout(done, 50_000))")
        assert len(page.requests) == asked
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        page.wait("performance.getEntriesByType('resource').filter(each => each.name.includes('/v1/rooms')).length"
                  f" > {sum('/v1/rooms' in url for url in page.requests[:asked])}")


def test_the_last_day_of_a_room_is_drawn(browser, house):
    with looking(browser, house) as page:
        wait_for_rows(page, 20)
        page.evaluate("[...document.querySelectorAll('#rooms a')].find(link => link.innerText === 'room-03').focus()")
        page.press("Enter", 13)
        page.wait("document.querySelector('#day[open] #chart canvas')")
        figures = page.text("#day-figures").split("\n")
        # 10 and 20 twenty hours ago; 21 and 22 now; 94 of the 96 quarters of an hour have nothing.
        assert figures == ["Minimum", "10.00 °C", "Mean", "18.25 °C", "Maximum", "22.00 °C", "Readings", "4",
                           "Without readings", "23 h 30 min"]
        table = page.evaluate("[...document.querySelectorAll('#day-rows tr')].map(row => "
                              "[...row.cells].slice(1).map(cell => cell.textContent))")
        assert table == [["10.00 °C", "15.00 °C", "20.00 °C", "2"], ["21.00 °C", "21.50 °C", "22.00 °C", "2"]]
        page.wait("""(() => {
          const canvas = document.querySelector('#chart canvas');
          const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          for (let i = 0; i < data.length; i += 4) {
            if (data[i] === 194 && data[i + 1] === 65 && data[i + 2] === 12) return true; // --accent
          }
        })()""")
        page.evaluate("document.querySelector('#chart').focus()")
        page.press("ArrowLeft", 37)
        page.wait("document.querySelector('#day-reading').innerText.includes('–')")
        if "no readings" in page.text("#day-reading"):  # a quarter of an hour has just begun
            page.press("ArrowLeft", 37)
        page.wait("document.querySelector('#day-reading').innerText"
                  ".includes('mean 21.50 °C, from 21.00 °C to 22.00 °C, 2 readings')")
        page.press("ArrowLeft", 37)
        page.wait("document.querySelector('#day-reading').innerText.includes('no readings')")
        assert "room=room-03" in page.evaluate("location.hash")
        page.press("Escape", 27)
        page.wait("!document.querySelector('#day').open && location.hash === ''")


def test_the_last_day_has_an_address_whatever_the_room_is_called(browser, house):
    with looking(browser, house) as page:
        wait_for_rows(page, 20)
        links = {room: page.evaluate("[...document.querySelectorAll('#rooms a')]"
                                     f".find(link => link.textContent === {json.dumps(room)}).href") for room in ODD}
        for room, link in links.items():
            page.open("about:blank")
            page.open(link)
            page.wait("document.querySelector('#day[open] #chart canvas')")
            assert page.text("#day-room") == room
            assert "Readings\n2" in page.text("#day-figures")


# What has less contrast between its letters and what is behind them than WCAG 2.1 wants (1.4.3).
CONTRAST = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, i) => sum + each * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parts(getComputedStyle(element).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const faults = [];
  let seen = 0;
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || !element.checkVisibility() || element.disabled) continue;
    ++seen;
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faults.push([element.outerHTML.slice(0, 80), ratio]);
  }
  return {seen, faults};
})()"""
SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740, "mobile": True}}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("screen", SCREENS)
def test_it_can_be_read_on_every_screen(browser, house, screen, dark):
    with looking(browser, house, dark=dark, **SCREENS[screen]) as page:
        wait_for_rows(page, 20)
        brightness = page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)"
                                   ".reduce((sum, each) => sum + +each, 0)")
        assert (brightness < 200) == dark
        for opened in (False, True):
            if opened:
                page.click("#rooms a")
                page.wait("document.querySelector('#day[open]')")
            width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert width[0] <= width[1], "nothing has to be scrolled sideways"
            contrast = page.evaluate(CONTRAST)
            assert contrast["faults"] == [] and contrast["seen"] > 100
        inside = page.evaluate("(() => { const at = document.querySelector('#day').getBoundingClientRect();"
                               "return at.left >= 0 && at.right <= innerWidth && at.height <= innerHeight; })()")
        assert inside


def test_a_key_is_asked_for_and_kept_nowhere(browser, secured):
    with looking(browser, secured, refused=[]) as page:
        page.wait("!document.querySelector('#key-form').hidden")
        assert "asks for a key" in page.text("#trouble") and page.text("#rooms") == ""
        page.type("#key", KEY + "x")
        page.press("Enter", 13)
        page.wait("document.querySelector('#trouble').innerText.includes('refused')")
        writer, _ = make_key(secured.client(key=KEY), "writer")
        page.type("#key", writer)
        page.press("Enter", 13)
        page.wait("document.querySelector('#trouble').innerText.includes('may not read')")
        reader, _ = make_key(secured.client(key=KEY), "reader")
        page.type("#key", reader)
        page.press("Enter", 13)
        wait_for_rows(page, 50)
        assert page.text("#trouble") == "" and page.text("#key-form") == ""
        # The key is in none of the places that outlive the page, or that others see.
        kept = page.evaluate("JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage},"
                             "document.querySelector('#key').value, document.body.outerHTML, history.state])")
        assert reader not in kept
        assert page.evaluate("indexedDB.databases().then(all => all.length)") == 0
        assert not any(reader in url for url in page.requests)
        page.click("#forget")
        page.wait("!document.querySelector('#key-form').hidden")
        assert rows_of(page) == []
        page.type("#key", reader)
        page.press("Enter", 13)
        wait_for_rows(page, 50)
        page.open("about:blank")
        page.open(address(secured))
        page.wait("!document.querySelector('#key-form').hidden")


def test_of_many_rooms_only_those_that_are_shown_are_asked_for(browser, secured):
    with looking(browser, secured, refused=[]) as page:
        page.wait("!document.querySelector('#key-form').hidden")
        page.type("#key", KEY)
        page.press("Enter", 13)
        assert [row[0] for row in wait_for_rows(page, 50)] == [f"c{i:04d}" for i in range(50)]
        assert page.text("#where") == "1–50 of 1,200" and "1,200 rooms" in page.text("#summary")
        page.click("#next")
        page.wait("document.querySelector('#rooms a').innerText === 'c0050'")
        assert page.text("#where") == "51–100 of 1,200" and len(rows_of(page)) == 50
        page.click("#previous")
        page.wait("document.querySelector('#rooms a').innerText === 'c0000'")
        page.type("#search", "C119")
        assert [row[0] for row in wait_for_rows(page, 10)] == [f"c{i}" for i in range(1190, 1200)]
        assert all("limit=50" in url for url in page.requests if "/v1/rooms" in url)


def test_what_is_wrong_is_said_in_plain_words(browser):
    with Service() as service:
        post_readings(service.start().client(), [reading("kitchen")])
        with looking(browser, service, refused=[], faster=50) as page:
            wait_for_rows(page, 1)
            for status, body, words in (
                    (503, '{"code": "recovering"}', "is starting"), (503, '{"code": "overloaded"}', "is busy"),
                    (502, "<html>", "proxy"), (500, '{"detail": "the disk is gone"}', "the disk is gone"),
                    (200, "not json", "does not answer")):
                page.answer_instead("*/v1/rooms*", status, body)
                page.wait(f"document.querySelector('#trouble').innerText.includes('{words}')")
                assert len(rows_of(page)) == 1 and "What is shown is from" in page.text("footer")
            page.let_through()
            page.wait("document.querySelector('#trouble').hidden")
            # The service itself, gone and come back.
            assert service.stop() == 0
            page.wait("document.querySelector('#trouble').innerText.includes('does not answer')")
            service.listen = f"127.0.0.1:{service.port}"
            service.start()
            page.wait("document.querySelector('#trouble').hidden")


def test_before_the_first_reading_it_says_how_to_send_one(browser):
    with Service() as service:
        with looking(browser, service.start(), faster=50) as page:
            page.wait("!document.querySelector('#nothing').hidden")
            command = re.search(r"curl (\S+) .*-d '(.*)'", page.text("#nothing"))
            assert command.group(1) == address(service) + "v1/readings"
            post_readings(service.client(), [json.loads(command.group(2))])
            assert wait_for_rows(page, 1)[0][0] == "kitchen"


def test_behind_a_prefix_the_page_and_try_it_work(browser, house):
    with PrefixProxy(house.port) as proxy:
        with looking(browser, proxy, url=address(proxy) + "sensors/") as page:
            wait_for_rows(page, 20)
            page.open(address(proxy) + "sensors/docs")
            page.wait("document.querySelector('#operations-rooms-listRooms')")
            page.click("#operations-rooms-listRooms .opblock-summary-control")
            page.wait("document.querySelector('#operations-rooms-listRooms .try-out__btn')")
            page.click("#operations-rooms-listRooms .try-out__btn")
            page.wait("document.querySelector('#operations-rooms-listRooms .execute')")
            page.click("#operations-rooms-listRooms .execute")
            live = "#operations-rooms-listRooms .live-responses-table .response-col_status"
            page.wait(f"[...document.querySelectorAll('{live}')].some(cell => cell.innerText.startsWith('200'))")
            tried = [url for url in page.requests if "/v1/rooms" in url][-1]
            assert tried.startswith(address(proxy) + "sensors/v1/rooms")
            assert "gone" in page.text("#operations-rooms-listRooms .live-responses-table")
