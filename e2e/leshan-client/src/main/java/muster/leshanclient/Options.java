package muster.leshanclient;

import java.util.Iterator;
import java.util.List;

/**
 * The flags of the command line.
 *
 * @param endpoint the endpoint client name
 * @param serverUri where to register, {@code coap://host:port}
 * @param lifetimeSeconds the lifetime of the registration
 * @param bootstrap whether {@code serverUri} is a bootstrap server that tells the server to register with
 * @param queueMode whether the device registers in queue mode
 * @param credential how it proves who it is over {@code coaps}
 * @param movePeriodMs how often the sensor's value moves by itself; 0 for never
 */
record Options(String endpoint, String serverUri, boolean bootstrap, long lifetimeSeconds, boolean queueMode,
        Credential credential, long movePeriodMs) {

    static final String USAGE = "flags: --endpoint NAME --server coap://HOST:PORT [--bootstrap] [--lifetime SECONDS] [--queue-mode] "
            + "[--credential KIND:HEX:HEX[:HEX]] [--move-every MILLISECONDS]";

    static Options parse(String[] arguments) {
        String endpoint = null;
        String serverUri = null;
        boolean bootstrap = false;
        long lifetimeSeconds = 300;
        boolean queueMode = false;
        Credential credential = Credential.NONE;
        long movePeriodMs = 1000;

        Iterator<String> words = List.of(arguments).iterator();
        while (words.hasNext()) {
            String flag = words.next();
            switch (flag) {
                case "--endpoint" -> endpoint = value(flag, words);
                case "--server" -> serverUri = value(flag, words);
                case "--bootstrap" -> bootstrap = true;
                case "--lifetime" -> lifetimeSeconds = number(flag, words);
                case "--queue-mode" -> queueMode = true;
                case "--credential" -> credential = Credential.parse(value(flag, words));
                case "--move-every" -> movePeriodMs = number(flag, words);
                default -> throw new IllegalArgumentException("unknown flag " + flag);
            }
        }
        if (endpoint == null || serverUri == null) {
            throw new IllegalArgumentException("--endpoint and --server are needed");
        }
        return new Options(endpoint, serverUri, bootstrap, lifetimeSeconds, queueMode, credential,
                movePeriodMs);
    }

    private static String value(String flag, Iterator<String> words) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException(flag + " needs a value");
        }
        return words.next();
    }

    private static long number(String flag, Iterator<String> words) {
        String text = value(flag, words);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(flag + " needs a whole number, not " + text);
        }
    }
}
