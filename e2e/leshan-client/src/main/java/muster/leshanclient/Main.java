package muster.leshanclient;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.eclipse.leshan.client.LeshanClient;

/**
 * A device that others wrote, for the browser tests: the Leshan client library behind a few flags.
 *
 * <p>What happens is told on standard output, one event a line ({@link Told}). Commands come on standard input, one a
 * line: {@code update}, {@code set VALUE}, {@code stop}. The end of the input is a {@code stop}, so that the device never
 * outlives the test that started it.
 */
public final class Main {

    private Main() {
    }

    public static void main(String[] arguments) throws IOException {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }

        TemperatureSensor sensor = new TemperatureSensor();
        LeshanClient client = Clients.build(options, sensor);
        client.addObserver(new Told());
        client.start();
        SensorClock clock = SensorClock.start(sensor, options.movePeriodMs());

        obey(client, sensor);

        clock.stop();
        client.destroy(true);
        Told.line("stopped");
        // The library's executors end in their own time; the tests wait for the process.
        System.exit(0);
    }

    private static void obey(LeshanClient client, TemperatureSensor sensor) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.strip().split("\\s+");
            switch (words[0]) {
                case "stop" -> {
                    return;
                }
                case "update" -> client.triggerRegistrationUpdate();
                case "set" -> set(sensor, words);
                case "" -> {
                }
                default -> Told.line("unknown-command " + words[0]);
            }
        }
    }

    private static void set(TemperatureSensor sensor, String[] words) {
        try {
            sensor.set(Double.parseDouble(words[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            Told.line("bad-command set needs one number");
        }
    }
}
