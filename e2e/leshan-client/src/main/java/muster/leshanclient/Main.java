package muster.leshanclient;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.response.SendResponse;

/**
 * A device that others wrote, for the browser tests: the Leshan client library behind a few flags.
 *
 * <p>What happens is told on standard output, one event a line ({@link Told}). Commands come on standard input, one a
 * line: {@code update}, {@code set VALUE}, {@code send FORMAT PATH...} with the number of a content format, {@code stop}. The end of the input is a {@code stop}, so that the device never
 * outlives the test that started it.
 */
public final class Main {

    private static final long SEND_TIMEOUT_MS = 5_000;

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
                case "send" -> send(client, words);
                case "" -> {
                }
                default -> Told.line("unknown-command " + words[0]);
            }
        }
    }

    private static void send(LeshanClient client, String[] words) {
        try {
            ContentFormat format = ContentFormat.fromCode(Integer.parseInt(words[1]));
            List<String> paths = List.of(words).subList(2, words.length);
            for (LwM2mServer server : client.getRegisteredServers().values()) {
                SendResponse response = client.getSendService().sendData(server, format, paths, SEND_TIMEOUT_MS);
                Told.line("sent " + (response == null ? "unanswered" : response.getCode().getCode()));
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            Told.line("bad-command send needs the number of a format and paths");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
