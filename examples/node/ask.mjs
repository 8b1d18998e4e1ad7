// Asks the gateway one question and believes the answer only if the gateway signed it for this very request.
// Node 18 or newer, no dependency:
//
//   node ask.mjs URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json
//
// Keys are Ed25519 (PKCS8 and SPKI, PEM). Ends with 0 for a verified answer, 1 for a verified refusal, 2 for anything else.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const ANSWER = '"@status" "content-type" "content-digest" "@method";req "@authority";req "@path";req';
const BOUND = '"signature";req;key="gw"';
const INPUT =
  /^gw=(\(([^)]*)\);created=(\d+);expires=(\d+);nonce="[^"]+";keyid="([^"]+)";alg="ed25519";tag="gdx-answer-v1")$/;

const digestOf = (bytes) => `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
const seconds = () => Math.floor(Date.now() / 1000);

function must(isRight, otherwise) {
  if (!isRight) {
    console.error(`not believed: ${otherwise}`);
    process.exit(2);
  }
}

/** The headers of a signed question, and what its answer must cover. */
function signed(url, keyid, privateKey, body) {
  const digest = digestOf(body);
  const created = seconds(); // seconds, not milliseconds
  const params =
    '("@method" "@authority" "@path" "content-type" "content-digest")' +
    `;created=${created};expires=${created + 60};nonce="${randomBytes(16).toString("base64url")}"` +
    `;keyid="${keyid}";alg="ed25519";tag="gdx-verify-v1"`;
  const base = [
    '"@method": POST',
    `"@authority": ${url.host}`, // the Host as it is sent: lower case, without the scheme's own port
    `"@path": ${url.pathname}`,
    '"content-type": application/json',
    `"content-digest": ${digest}`,
    `"@signature-params": ${params}`,
  ].join("\n"); // no line end after the last line
  const signature = `:${sign(null, Buffer.from(base, "ascii"), privateKey).toString("base64")}:`;
  return {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": body.length,
      "Content-Digest": digest,
      "Signature-Input": `gw=${params}`,
      Signature: `gw=${signature}`,
    },
    signature,
  };
}

/** Status, headers and the exact bytes. `node:http` and not `fetch`, which unpacks and redirects by itself. */
function post(url, headers, body) {
  return new Promise((resolve, reject) => {
    const scheme = url.protocol === "https:" ? https : http;
    const request = scheme.request(url, { method: "POST", headers, timeout: 10_000 }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", reject);
    request.end(body);
  });
}

/** Returns only when digest, signature, time and binding are right: before that, not a byte of the answer is believed. */
function believe(answer, url, signature, gatewayKeyid, gatewayKey) {
  const header = (name) => answer.headers[name] ?? "";
  must(header("content-digest") === digestOf(answer.body), "the digest is not that of the bytes received");
  const [, params, covered, created, expires, keyid] = INPUT.exec(header("signature-input")) ?? [];
  must(params !== undefined, "not the gateway's signature profile");
  must(keyid === gatewayKeyid, `signed by ${keyid}, which you do not trust (yours: ${gatewayKeyid})`);
  const isBound = covered === `${ANSWER} ${BOUND}`;
  must(isBound || covered === ANSWER, "other components are covered");
  must(isBound || answer.status >= 400, "the answer is not bound to this request");
  const now = seconds();
  must(created <= now + 5 && now - 5 < expires && expires - created <= 120, "the answer is not of now: check the clock");
  const base = [
    `"@status": ${answer.status}`,
    `"content-type": ${header("content-type")}`,
    `"content-digest": ${header("content-digest")}`,
    '"@method";req: POST',
    `"@authority";req: ${url.host}`,
    `"@path";req: ${url.pathname}`,
    ...(isBound ? [`${BOUND}: ${signature}`] : []),
    `"@signature-params": ${params}`,
  ].join("\n");
  const [, proof] = /^gw=:([A-Za-z0-9+/]+={0,2}):$/.exec(header("signature")) ?? [];
  must(proof !== undefined, "no signature labelled gw");
  must(verify(null, Buffer.from(base, "ascii"), gatewayKey, Buffer.from(proof, "base64")), "the signature does not verify");
}

process.on("uncaughtException", (error) => must(false, `no question was asked (${error.message})`));
const [address, keyid, privatePem, gatewayKeyid, gatewayPem, question] = process.argv.slice(2);
if (question === undefined) {
  console.error("node ask.mjs URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json");
  process.exit(2);
}
const url = new URL(`${address.replace(/\/$/, "")}/v1/verifications`);
const body = readFileSync(question); // serialise once: digest and send these very bytes
const { headers, signature } = signed(url, keyid, createPrivateKey(readFileSync(privatePem)), body);
const answer = await post(url, headers, body).catch((error) => must(false, `no answer came (${error.code ?? error.message})`));
believe(answer, url, signature, gatewayKeyid, createPublicKey(readFileSync(gatewayPem)));

console.log(`verified: HTTP ${answer.status}`);
const document = JSON.parse(answer.body);
for (const { material, verdict, disposition } of document.materials ?? []) {
  console.log(`${material}: ${verdict} (${disposition})`);
}
if (answer.status !== 200) {
  console.log(answer.body.toString());
}
process.exit(answer.status === 200 ? 0 : 1);
