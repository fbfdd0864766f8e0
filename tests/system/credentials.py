"""Keys of sensors, and tokens made without a JWT library: the format by hand, the signatures by python3-cryptography.
"""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

KEY = "a-key-of-the-operator-0123456789"  # of the fixture `secured`
AUDIENCE = "temperature-service"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SensorKey:
    def __init__(self, algorithm="EdDSA", kid="k1"):
        self.algorithm = algorithm
        self.kid = kid
        self.private = (ed25519.Ed25519PrivateKey.generate() if algorithm == "EdDSA"
                        else ec.generate_private_key(ec.SECP256R1()))

    def public_pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def private_pem(self):
        return self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()).decode()

    def jwk(self):
        numbers = self.private.public_key()
        if self.algorithm == "EdDSA":
            raw = numbers.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}
        point = numbers.public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": base64url(point.x.to_bytes(32, "big")),
                "y": base64url(point.y.to_bytes(32, "big"))}

    def registration(self, **more):
        return {"keys": [{"kid": self.kid, "public_key": self.public_pem()}], **more}

    def sign(self, message):
        if self.algorithm == "EdDSA":
            return self.private.sign(message)
        r, s = utils.decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def token(self, sensor, lifetime_s=3600, issued_s=None, audience=AUDIENCE, **header):
        issued = int(time.time()) if issued_s is None else issued_s
        head = {"alg": self.algorithm, "typ": "JWT", "kid": self.kid, **header}
        claims = {"sub": sensor, "aud": audience, "iat": issued, "exp": issued + lifetime_s}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        return signed + "." + base64url(self.sign(signed.encode()))


def register(admin, sensor, key, **more):
    answer = admin.request("PUT", "/v1/sensors/" + sensor, key.registration(**more))
    assert answer.status == 200, answer.text
    return answer.json()


def mistyped(key):
    return key[:-1] + ("1" if key.endswith("0") else "0")


def make_key(admin, role, **more):
    """The key's text and its id."""
    answer = admin.post("/v1/keys", {"name": "a test", "role": role, **more})
    assert answer.status == 201, answer.text
    return answer.json()["key"], answer.json()["id"]
