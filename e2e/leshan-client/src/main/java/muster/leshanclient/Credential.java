package muster.leshanclient;

import java.util.HexFormat;
import org.eclipse.leshan.client.object.Security;

/**
 * How the device proves who it is over {@code coaps}, and how it knows the server. LwM2M Transport 1.2 section 5.2.
 *
 * @param identity the identity of the pre-shared key, the public key, or the certificate
 * @param secret the pre-shared key, or the private key in PKCS #8
 * @param server the server's public key or certificate; nothing with a pre-shared key
 */
record Credential(Kind kind, byte[] identity, byte[] secret, byte[] server) {

    enum Kind {
        NONE, PSK, RPK, X509
    }

    static final Credential NONE = new Credential(Kind.NONE, new byte[0], new byte[0], new byte[0]);

    /** {@code psk:IDENTITY:KEY}, {@code rpk:PUBLIC:PRIVATE:SERVER} or {@code x509:CERTIFICATE:PRIVATE:SERVER}, in hexadecimal. */
    static Credential parse(String text) {
        String[] parts = text.split(":");
        HexFormat hex = HexFormat.of();
        return switch (parts[0]) {
            case "psk" -> new Credential(Kind.PSK, hex.parseHex(parts[1]), hex.parseHex(parts[2]), new byte[0]);
            case "rpk" ->
                new Credential(Kind.RPK, hex.parseHex(parts[1]), hex.parseHex(parts[2]), hex.parseHex(parts[3]));
            case "x509" ->
                new Credential(Kind.X509, hex.parseHex(parts[1]), hex.parseHex(parts[2]), hex.parseHex(parts[3]));
            default -> throw new IllegalArgumentException("unknown credential " + parts[0]);
        };
    }

    Security account(String serverUri, int shortServerId) {
        return switch (kind) {
            case NONE -> Security.noSec(serverUri, shortServerId);
            case PSK -> Security.psk(serverUri, shortServerId, identity, secret);
            case RPK -> Security.rpk(serverUri, shortServerId, identity, secret, server);
            case X509 -> Security.x509(serverUri, shortServerId, identity, secret, server);
        };
    }

    Security bootstrapAccount(String serverUri) {
        return switch (kind) {
            case NONE -> Security.noSecBootstrap(serverUri);
            case PSK -> Security.pskBootstrap(serverUri, identity, secret);
            case RPK -> Security.rpkBootstrap(serverUri, identity, secret, server);
            case X509 -> Security.x509Bootstrap(serverUri, identity, secret, server);
        };
    }
}
