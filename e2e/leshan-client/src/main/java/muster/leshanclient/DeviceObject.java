package muster.leshanclient;

import java.util.Date;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;

/**
 * Device, object 3: who it is, two writable resources and a reboot that is only told about. Public because the library
 * makes a further instance of it by reflection.
 */
public final class DeviceObject extends BaseInstanceEnabler {

    private static final int MANUFACTURER = 0;
    private static final int MODEL_NUMBER = 1;
    private static final int SERIAL_NUMBER = 2;
    private static final int FIRMWARE_VERSION = 3;
    private static final int REBOOT = 4;
    private static final int BATTERY_LEVEL = 9;
    private static final int MEMORY_FREE = 10;
    private static final int ERROR_CODE = 11;
    private static final int CURRENT_TIME = 13;
    private static final int UTC_OFFSET = 14;
    private static final int TIMEZONE = 15;
    private static final int SUPPORTED_BINDINGS = 16;

    private static final List<Integer> SUPPORTED = List.of(MANUFACTURER, MODEL_NUMBER, SERIAL_NUMBER, FIRMWARE_VERSION,
            REBOOT, BATTERY_LEVEL, MEMORY_FREE, ERROR_CODE, CURRENT_TIME, UTC_OFFSET, TIMEZONE, SUPPORTED_BINDINGS);

    private volatile String utcOffset = "+00:00";
    private volatile String timezone = "Europe/Berlin";

    @Override
    public ReadResponse read(LwM2mServer server, int resource) {
        return switch (resource) {
            case MANUFACTURER -> ReadResponse.success(resource, "Independent Devices");
            case MODEL_NUMBER -> ReadResponse.success(resource, "Leshan peer");
            case SERIAL_NUMBER -> ReadResponse.success(resource, "LP-0001");
            case FIRMWARE_VERSION -> ReadResponse.success(resource, "1.4.2");
            case BATTERY_LEVEL -> ReadResponse.success(resource, 87L);
            case MEMORY_FREE -> ReadResponse.success(resource, Runtime.getRuntime().freeMemory() / 1024);
            case ERROR_CODE -> ReadResponse.success(resource, Map.of(0, 0L), Type.INTEGER);
            case CURRENT_TIME -> ReadResponse.success(resource, new Date());
            case UTC_OFFSET -> ReadResponse.success(resource, utcOffset);
            case TIMEZONE -> ReadResponse.success(resource, timezone);
            case SUPPORTED_BINDINGS -> ReadResponse.success(resource, "U");
            default -> super.read(server, resource);
        };
    }

    @Override
    public WriteResponse write(LwM2mServer server, boolean replace, int resource, LwM2mResource value) {
        switch (resource) {
            case UTC_OFFSET -> utcOffset = (String) value.getValue();
            case TIMEZONE -> timezone = (String) value.getValue();
            default -> {
                return super.write(server, replace, resource, value);
            }
        }
        Told.line("written /3/0/" + resource + " " + value.getValue());
        fireResourceChange(resource);
        return WriteResponse.success();
    }

    @Override
    public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
        if (resource != REBOOT) {
            return super.execute(server, resource, arguments);
        }
        Told.line("executed /3/0/" + resource);
        return ExecuteResponse.success();
    }

    @Override
    public List<Integer> getAvailableResourceIds(ObjectModel model) {
        return SUPPORTED;
    }
}
