"use strict";
// Opens a push as a browser does (RFC 8188, 8291) and looks who signed it (RFC
// 8292), with libraries that have no part in sending: the library of the
// working group's own editors, and OpenSSL. What came stands on the standard
// input; what it says goes to the standard output.
const crypto = require("crypto");
const ece = require("http_ece");

const got = JSON.parse(require("fs").readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64url");

const browser = crypto.createECDH("prime256v1");
browser.setPrivateKey(bytes(got.private));
const text = ece.decrypt(bytes(got.body), { version: "aes128gcm", privateKey: browser, authSecret: got.auth });

const { t, k } = Object.fromEntries(got.authorization.replace(/^vapid /, "").split(/,\s*/).map((part) => part.split(/=(.*)/s)));
const point = bytes(k);
const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
const [header, claims, signature] = t.split(".");
const signed = crypto.verify(
  "sha256",
  Buffer.from(`${header}.${claims}`),
  { key: crypto.createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" },
  bytes(signature),
);
console.log(JSON.stringify({
  text: text.toString("utf8"), signed, key: k,
  header: JSON.parse(bytes(header)), claims: JSON.parse(bytes(claims)),
}));
