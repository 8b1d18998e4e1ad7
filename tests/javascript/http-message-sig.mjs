// The library http-message-sig as a client of the gateway.

import { component, createSignature, verifySignature } from "http-message-sig";
import { converse } from "./wire.mjs";

const fieldsOf = (headers) => Object.entries(headers).map(([name, value]) => ({ name, value: String(value) }));
const descriptor = ({ method, url, headers }) => ({ kind: "request", method, targetUri: url, fields: fieldsOf(headers) });
const ofRequest = (name) => component(name, { req: true });
const COVERED = [
  "@status", "content-type", "content-digest", ofRequest("@method"), ofRequest("@authority"), ofRequest("@path"),
  component("signature", { req: true, key: "gw" }),
];

await converse({
  async signed(request, components, parameters, us) {
    const signer = { algorithm: us.algorithm, sign: us.sign };
    const made = await createSignature(descriptor(request), { label: "gw", components, parameters, signer });
    return { ...request.headers, "signature-input": made.signatureInput, signature: made.signature };
  },
  async verified(answer, request, them) {
    const response = { kind: "response", status: answer.status, fields: fieldsOf(answer.headers), request: descriptor(request) };
    const policy = {
      algorithms: [them.algorithm], requiredComponents: COVERED, maxAge: 120, clockSkew: 5,
      requiredParameters: ["created", "expires", "nonce", "keyid", "alg", "tag"],
    };
    const { parameters } = await verifySignature(response, { label: "gw", policy, resolveVerifier: () => them });
    return parameters.keyid === them.keyid && parameters.tag === "gdx-answer-v1";
  },
});
