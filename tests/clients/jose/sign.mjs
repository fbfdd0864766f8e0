// node sign.mjs ALGORITHM SENSOR: a new key as a JWK, a token of the sensor's, and one that another key signed.
import { SignJWT, exportJWK, generateKeyPair } from "jose";

const [algorithm, sensor] = process.argv.slice(2);
const options = { extractable: true, ...(algorithm === "EdDSA" ? { crv: "Ed25519" } : {}) };

const sign = (key) =>
  new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: "JWT", kid: "k1" })
    .setSubject(sensor)
    .setAudience("temperature-service")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(key);

const own = await generateKeyPair(algorithm, options);
const other = await generateKeyPair(algorithm, options);
console.log(JSON.stringify({
  jwk: await exportJWK(own.publicKey),
  token: await sign(own.privateKey),
  other: await sign(other.privateKey),
}));
