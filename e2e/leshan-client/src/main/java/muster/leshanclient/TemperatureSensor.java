package muster.leshanclient;

import java.util.List;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;

/** Temperature, object 3303: a value that moves, its measured extremes and their reset. */
public final class TemperatureSensor extends BaseInstanceEnabler {

    static final int OBJECT = 3303;

    private static final int MIN_MEASURED = 5601;
    private static final int MAX_MEASURED = 5602;
    private static final int RESET = 5605;
    private static final int SENSOR_VALUE = 5700;
    private static final int SENSOR_UNITS = 5701;

    private double value = 20.0;
    private double min = value;
    private double max = value;

    /** The library carries the core objects only, so the facts about this one are stated here. */
    static ObjectModel objectModel() {
        return new ObjectModel(OBJECT, "Temperature", "A temperature sensor", "1.1", true, false,
                resource(MIN_MEASURED, "Min Measured Value", Operations.R, Type.FLOAT, false),
                resource(MAX_MEASURED, "Max Measured Value", Operations.R, Type.FLOAT, false),
                resource(RESET, "Reset Min and Max Measured Values", Operations.E, Type.NONE, false),
                resource(SENSOR_VALUE, "Sensor Value", Operations.R, Type.FLOAT, true),
                resource(SENSOR_UNITS, "Sensor Units", Operations.R, Type.STRING, false));
    }

    private static ResourceModel resource(int id, String name, Operations operations, Type type, boolean mandatory) {
        return new ResourceModel(id, name, operations, false, mandatory, type, "", "", "");
    }

    /** Takes a new measurement and tells the observers which resources changed. */
    void set(double measured) {
        synchronized (this) {
            value = measured;
            min = Math.min(min, measured);
            max = Math.max(max, measured);
        }
        fireResourcesChange(getResourcePaths(SENSOR_VALUE, MIN_MEASURED, MAX_MEASURED));
    }

    @Override
    public synchronized ReadResponse read(LwM2mServer server, int resource) {
        return switch (resource) {
            case MIN_MEASURED -> ReadResponse.success(resource, min);
            case MAX_MEASURED -> ReadResponse.success(resource, max);
            case SENSOR_VALUE -> ReadResponse.success(resource, value);
            case SENSOR_UNITS -> ReadResponse.success(resource, "Cel");
            default -> super.read(server, resource);
        };
    }

    @Override
    public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
        if (resource != RESET) {
            return super.execute(server, resource, arguments);
        }
        synchronized (this) {
            min = value;
            max = value;
        }
        Told.line("executed /3303/0/" + resource);
        fireResourcesChange(getResourcePaths(MIN_MEASURED, MAX_MEASURED));
        return ExecuteResponse.success();
    }

    @Override
    public List<Integer> getAvailableResourceIds(ObjectModel model) {
        return List.of(MIN_MEASURED, MAX_MEASURED, RESET, SENSOR_VALUE, SENSOR_UNITS);
    }
}
