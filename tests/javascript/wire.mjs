// What both clients share and neither library does: HTTP with exact bytes, the digest, keys, and the exchange itself.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";

export const QUESTION = ["@method", "@authority", "@path", "content-type", "content-digest"];
export const READING = ["@method", "@authority", "@path"];

const digestOf = (bytes) => `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
const hash = (algorithm) => (algorithm === "ed25519" ? null : "sha256");
const keyOptions = (key) => ({ key, dsaEncoding: "ieee-p1363" });

export function signerOf(file, algorithm) {
  const key = createPrivateKey(readFileSync(file));
  return (data) => sign(hash(algorithm), data, keyOptions(key));
}

export function verifierOf(file, algorithm) {
  const key = createPublicKey(readFileSync(file));
  return (data, signature) => verify(hash(algorithm), data, keyOptions(key), signature);
}

function send(url, method, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/**
 * Asks a question, then reads the same verification again, and prints for each the status and whether the library believed
 * the answer: {"question": {"status": 200, "verified": true}, "reading": ...}. A change of one byte must not be believed.
 */
export async function converse({ signed, verified }) {
  const [address, keyid, privatePem, algorithm, gatewayPem, gatewayAlgorithm, file] = process.argv.slice(2);
  const us = { keyid, algorithm, sign: signerOf(privatePem, algorithm) };
  const them = { keyid: "gateway-answers", algorithm: gatewayAlgorithm, verify: verifierOf(gatewayPem, gatewayAlgorithm) };
  const exchange = async (method, path, body) => {
    const url = `${address}${path}`;
    const created = Math.floor(Date.now() / 1000);
    const parameters = { created, expires: created + 60, nonce: randomBytes(16).toString("base64url"), keyid, alg: algorithm };
    const plain = { host: new URL(url).host };
    if (body !== undefined) {
      Object.assign(plain, { "content-type": "application/json", "content-digest": digestOf(body) });
    }
    const tag = body === undefined ? "gdx-read-v1" : "gdx-verify-v1";
    const request = { method, url, headers: plain };
    request.headers = await signed(request, body === undefined ? READING : QUESTION, { ...parameters, tag }, us);
    const answer = await send(url, method, request.headers, body);
    const isWhole = answer.headers["content-digest"] === digestOf(answer.body);
    const tampered = { ...answer, status: 202 };
    return {
      answer,
      told: {
        status: answer.status,
        verified: isWhole && (await believes(verified, answer, request, them)),
        tampered: await believes(verified, tampered, request, them),
      },
    };
  };
  const question = await exchange("POST", "/v1/verifications", readFileSync(file));
  const { verification_id: id } = JSON.parse(question.answer.body);
  const reading = await exchange("GET", `/v1/verifications/${id ?? "none"}`);
  console.log(JSON.stringify({ question: question.told, reading: reading.told }));
}

async function believes(verified, answer, request, them) {
  try {
    return (await verified(answer, request, them)) === true;
  } catch (error) {
    console.error(`${error.name}: ${error.message}`);
    return false;
  }
}
