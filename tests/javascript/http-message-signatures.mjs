// The library http-message-signatures as a client of the gateway.

import { httpbis } from "http-message-signatures";
import { converse } from "./wire.mjs";

const PARAMETERS = ["created", "expires", "nonce", "keyid", "alg", "tag"];

await converse({
  async signed(request, components, parameters, us) {
    const { created, expires, ...others } = parameters;
    const paramValues = { ...others, created: new Date(created * 1000), expires: new Date(expires * 1000) };
    const key = { id: us.keyid, alg: us.algorithm, sign: async (data) => us.sign(data) };
    const made = await httpbis.signMessage({ key, name: "gw", fields: components, params: PARAMETERS, paramValues }, request);
    return made.headers;
  },
  async verified(answer, request, them) {
    const verify = async (data, signature) => them.verify(data, signature);
    return httpbis.verifyMessage(
      {
        all: true,
        tolerance: 5,
        maxAge: 120,
        requiredParams: PARAMETERS,
        requiredFields: ["@status", "content-type", "content-digest", "signature"],
        keyLookup: async ({ keyid }) => (keyid === them.keyid ? { id: keyid, algs: [them.algorithm], verify } : null),
      },
      answer,
      request,
    );
  },
});
