package muster.leshanclient;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Moves the sensor's value along a fixed curve, so that a chart of it has a shape that a test can expect. */
final class SensorClock {

    private static final double MEAN = 21.0;
    private static final double SWING = 4.0;
    private static final int STEPS_A_TURN = 20;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private int step;

    private SensorClock() {
    }

    /** Starts the clock; a period of 0 leaves the sensor alone. */
    static SensorClock start(TemperatureSensor sensor, long periodMs) {
        SensorClock clock = new SensorClock();
        if (periodMs > 0) {
            clock.timer.scheduleAtFixedRate(() -> sensor.set(clock.next()), periodMs, periodMs, TimeUnit.MILLISECONDS);
        }
        return clock;
    }

    void stop() {
        timer.shutdownNow();
    }

    private double next() {
        step++;
        double turned = 2 * Math.PI * step / STEPS_A_TURN;
        return Math.round((MEAN + SWING * Math.sin(turned)) * 100) / 100.0;
    }
}
