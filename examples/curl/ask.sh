#!/bin/sh
# Asks the gateway one question and believes the answer only if the gateway signed it for this very request.
# curl and OpenSSL 3, nothing else:
#
#   sh ask.sh URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json
#
# Keys are Ed25519. Ends with 0 for a verified answer, 1 for a verified refusal, 2 for anything else.
set -eu
LC_ALL=C
export LC_ALL
if [ $# -ne 6 ]; then
  echo "sh ask.sh URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json" >&2
  exit 2
fi
url=${1%/} keyid=$2 private=$3 gateway_keyid=$4 gateway_key=$5 question=$6
path=/v1/verifications
authority=$(printf %s "${url#*://}" | tr A-Z a-z) # the Host as curl sends it: without the scheme's own port
case $url in
  https://*) authority=${authority%:443} ;;
  *) authority=${authority%:80} ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

not_believed() {
  echo "not believed: $1" >&2
  exit 2
}
digest_of() {
  printf 'sha-256=:%s:' "$(openssl dgst -sha256 -binary "$1" | openssl base64 -A)"
}
header() { # the one value of a header of the answer
  tr -d '\r' <"$work/head" | sed -n "s/^$1: //Ip" | tail -n 1
}

for file in "$private" "$gateway_key" "$question"; do
  [ -r "$file" ] || not_believed "no question was asked ($file cannot be read)"
done

# Sign: the lines of the signature base, in this order, then the parameters; no line end after the last line.
digest=$(digest_of "$question")
created=$(date +%s)
nonce=$(openssl rand 16 | openssl base64 -A | tr '+/' '-_' | tr -d =)
params="(\"@method\" \"@authority\" \"@path\" \"content-type\" \"content-digest\")"
params="$params;created=$created;expires=$((created + 60));nonce=\"$nonce\";keyid=\"$keyid\";alg=\"ed25519\";tag=\"gdx-verify-v1\""
printf '"@method": POST\n"@authority": %s\n"@path": %s\n"content-type": application/json\n"content-digest": %s\n"@signature-params": %s' \
  "$authority" "$path" "$digest" "$params" >"$work/base"
signature=:$(openssl pkeyutl -sign -rawin -inkey "$private" -in "$work/base" | openssl base64 -A):
[ "$signature" != :: ] || not_believed "no question was asked ($private is no Ed25519 key)"

# --data-binary, because --data would drop line ends; add --trace FILE to look into it with `gateway signature explain FILE`.
status=$(curl -sS --noproxy '*' --max-time 10 -D "$work/head" -o "$work/body" -w '%{http_code}' ${CURL_OPTIONS:-} \
  -H 'Content-Type: application/json' -H "Content-Digest: $digest" \
  -H "Signature-Input: gw=$params" -H "Signature: gw=$signature" \
  --data-binary "@$question" "$url$path") || not_believed "no answer came"

# Verify before a byte of the answer is believed: digest, key, components, time, and the signature over all of it.
[ "$(header content-digest)" = "$(digest_of "$work/body")" ] || not_believed "the digest is not that of the bytes received"
given=$(header signature-input)
given=${given#gw=}
answer='"@status" "content-type" "content-digest" "@method";req "@authority";req "@path";req'
bound='"signature";req;key="gw"'
case $given in
  "($answer $bound);"*) is_bound=1 ;;
  "($answer);"*) is_bound=0 ;;
  *) not_believed "other components are covered" ;;
esac
[ $is_bound = 1 ] || [ "$status" -ge 400 ] || not_believed "the answer is not bound to this request"
signed_by=$(printf %s "$given" | sed -n 's/.*;keyid="\([^"]*\)".*/\1/p')
[ "$signed_by" = "$gateway_keyid" ] || not_believed "signed by $signed_by, which you do not trust (yours: $gateway_keyid)"
case $given in
  *";keyid=\"$gateway_keyid\";alg=\"ed25519\";tag=\"gdx-answer-v1\"") ;;
  *) not_believed "not the gateway's signature profile" ;;
esac
expires=$(printf %s "$given" | sed 's/.*;expires=\([0-9]*\);.*/\1/')
[ "$expires" -gt $(($(date +%s) - 5)) ] && [ "$expires" -le $(($(date +%s) + 125)) ] ||
  not_believed "the answer is not of now: check the clock"
{
  printf '"@status": %s\n"content-type": %s\n"content-digest": %s\n' "$status" "$(header content-type)" "$(header content-digest)"
  printf '"@method";req: POST\n"@authority";req: %s\n"@path";req: %s\n' "$authority" "$path"
  if [ $is_bound = 1 ]; then printf '%s: %s\n' "$bound" "$signature"; fi
  printf '"@signature-params": %s' "$given"
} >"$work/reply"
header signature | sed 's/^gw=://; s/:$//' | openssl base64 -d -A >"$work/proof"
openssl pkeyutl -verify -rawin -pubin -inkey "$gateway_key" -in "$work/reply" -sigfile "$work/proof" >/dev/null 2>&1 ||
  not_believed "the signature does not verify"

echo "verified: HTTP $status"
if [ "$status" = 200 ]; then
  # Here your JSON tool takes over, for example: jq -r '.materials[] | "\(.material): \(.verdict) (\(.disposition))"'
  grep -o '"material":"[^"]*","verdict":"[^"]*","disposition":"[^"]*"' "$work/body" |
    sed 's/"material":"\([^"]*\)","verdict":"\([^"]*\)","disposition":"\([^"]*\)"/\1: \2 (\3)/'
  exit 0
fi
cat "$work/body"
exit 1
