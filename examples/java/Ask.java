import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks the gateway one question and believes the answer only if the gateway signed it for this very request.
 * JDK 17, no dependency:
 *
 *   java Ask.java URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json
 *
 * Keys are Ed25519 (PKCS8 and SPKI, PEM). Ends with 0 for a verified answer, 1 for a verified refusal, 2 for anything else.
 */
public final class Ask {
    private static final Pattern INPUT = Pattern.compile(
        "gw=(\\(([^)]*)\\);created=([0-9]+);expires=([0-9]+);nonce=\"[^\"]+\";keyid=\"([^\"]+)\";alg=\"ed25519\";tag=\"gdx-answer-v1\")");
    private static final String ANSWER = "\"@status\" \"content-type\" \"content-digest\" \"@method\";req \"@authority\";req \"@path\";req";
    private static final String BOUND = "\"signature\";req;key=\"gw\"";

    public static void main(String[] args) {
        try {
            System.exit(ask(args));
        } catch (Exception error) { // a file that cannot be read, a key of another kind
            require(false, "no question was asked (" + error + ")");
        }
    }

    private static int ask(String[] args) throws Exception {
        if (args.length != 6) {
            System.err.println("java Ask.java URL KEYID PRIVATE.pem GATEWAY-KEYID GATEWAY.pub.pem QUESTION.json");
            return 2;
        }
        URI url = URI.create(args[0].replaceFirst("/$", "") + "/v1/verifications");
        KeyFactory keys = KeyFactory.getInstance("Ed25519");
        PrivateKey ours = keys.generatePrivate(new PKCS8EncodedKeySpec(pem(args[2])));
        PublicKey theirs = keys.generatePublic(new X509EncodedKeySpec(pem(args[4])));
        byte[] body = Files.readAllBytes(Path.of(args[5])); // serialise once: digest and send these very bytes

        // Sign: the lines of the signature base, in this order, then the parameters.
        String authority = authority(url);
        String digest = digest(body);
        long now = Instant.now().getEpochSecond(); // seconds, not milliseconds
        String covered = "(\"@method\" \"@authority\" \"@path\" \"content-type\" \"content-digest\")";
        String params = covered + ";created=" + now + ";expires=" + (now + 60) + ";nonce=\"" + nonce() + "\";keyid=\"" + args[1]
            + "\";alg=\"ed25519\";tag=\"gdx-verify-v1\"";
        String base = String.join("\n",
            "\"@method\": POST",
            "\"@authority\": " + authority,
            "\"@path\": " + url.getRawPath(),
            "\"content-type\": application/json",
            "\"content-digest\": " + digest,
            "\"@signature-params\": " + params); // no line end after the last line
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(ours);
        signer.update(base.getBytes(StandardCharsets.US_ASCII));
        String signature = ":" + Base64.getEncoder().encodeToString(signer.sign()) + ":";

        HttpRequest request = HttpRequest.newBuilder(url)
            .timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json")
            .header("Content-Digest", digest)
            .header("Signature-Input", "gw=" + params)
            .header("Signature", "gw=" + signature)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
        HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
        HttpResponse<byte[]> answer = null;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException error) { // it may have arrived all the same: ask again, signed anew
            require(false, "no answer came (" + error.getClass().getSimpleName() + ")");
        }

        // Verify before a byte of the answer is believed: digest, signature, time, and that it answers this request.
        require(header(answer, "content-digest").equals(digest(answer.body())), "the digest is not that of the bytes received");
        Matcher given = INPUT.matcher(header(answer, "signature-input"));
        require(given.matches(), "not the gateway's signature profile");
        require(given.group(5).equals(args[3]), "signed by " + given.group(5) + ", which you do not trust (yours: " + args[3] + ")");
        boolean isBound = given.group(2).equals(ANSWER + " " + BOUND);
        require(isBound || given.group(2).equals(ANSWER), "other components are covered");
        require(isBound || answer.statusCode() >= 400, "the answer is not bound to this request");
        long created = Long.parseLong(given.group(3)), expires = Long.parseLong(given.group(4)), here = Instant.now().getEpochSecond();
        require(created <= here + 5 && here - 5 < expires && expires - created <= 120, "the answer is not of now: check the clock");
        String reply = String.join("\n",
            "\"@status\": " + answer.statusCode(),
            "\"content-type\": " + header(answer, "content-type"),
            "\"content-digest\": " + header(answer, "content-digest"),
            "\"@method\";req: POST",
            "\"@authority\";req: " + authority,
            "\"@path\";req: " + url.getRawPath(),
            (isBound ? BOUND + ": " + signature + "\n" : "") + "\"@signature-params\": " + given.group(1));
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(theirs);
        verifier.update(reply.getBytes(StandardCharsets.US_ASCII));
        String proof = header(answer, "signature");
        require(proof.startsWith("gw=:") && proof.endsWith(":"), "no signature labelled gw");
        require(verifier.verify(Base64.getDecoder().decode(proof.substring(4, proof.length() - 1))), "the signature does not verify");

        show(answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        return answer.statusCode() == 200 ? 0 : 1;
    }

    /** The decisions; a refusal as it is. Here your JSON library takes over: read `materials` by name. */
    private static void show(int status, String json) {
        System.out.println("verified: HTTP " + status);
        Matcher found = Pattern.compile("\"material\":\"([^\"]+)\",\"verdict\":\"([^\"]+)\",\"disposition\":\"([^\"]+)\"").matcher(json);
        while (found.find()) {
            System.out.println(found.group(1) + ": " + found.group(2) + " (" + found.group(3) + ")");
        }
        if (status != 200) {
            System.out.println(json);
        }
    }

    /** The Host as it is sent: lower case, the port only where it is not the scheme's own. */
    private static String authority(URI url) {
        int usual = url.getScheme().equals("https") ? 443 : 80;
        String port = url.getPort() == -1 || url.getPort() == usual ? "" : ":" + url.getPort();
        return url.getHost().toLowerCase() + port;
    }

    private static String digest(byte[] bytes) throws Exception {
        return "sha-256=:" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes)) + ":";
    }

    private static String nonce() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random); // 22 characters
    }

    private static byte[] pem(String file) throws Exception {
        Matcher block = Pattern.compile("-----BEGIN [A-Z ]+-----([^-]+)-----END").matcher(Files.readString(Path.of(file)));
        require(block.find(), "no PEM in " + file);
        return Base64.getMimeDecoder().decode(block.group(1));
    }

    private static String header(HttpResponse<byte[]> answer, String name) {
        List<String> lines = answer.headers().allValues(name);
        require(lines.size() == 1, "not exactly one header " + name);
        return lines.get(0);
    }

    private static void require(boolean isRight, String otherwise) {
        if (!isRight) {
            System.err.println("not believed: " + otherwise);
            System.exit(2);
        }
    }
}
