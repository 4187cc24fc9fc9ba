package muster.leshanclient;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;

/**
 * The facts about the test object of LwM2M 1.1, 3442, which has a resource of every type. The library carries the object's
 * behaviour and not its definition.
 */
final class TestObject {

    static final int OBJECT = 3442;

    /** The last two digits of a resource that is once there singly and once, a thousand above, with instances. */
    private static final Map<Integer, Type> TYPES = Map.of(110, Type.STRING, 120, Type.INTEGER, 125,
            Type.UNSIGNED_INTEGER, 130, Type.FLOAT, 140, Type.BOOLEAN, 150, Type.OPAQUE, 160, Type.TIME, 170,
            Type.OBJLNK, 180, Type.CORELINK);
    private static final int WITH_INSTANCES = 1000;

    private TestObject() {
    }

    static ObjectModel objectModel() {
        List<ResourceModel> resources = new ArrayList<>();
        resources.add(resource(0, "Reset values", Operations.E, false, Type.NONE));
        resources.add(resource(1, "Randomize values", Operations.E, false, Type.NONE));
        resources.add(resource(2, "Clear values", Operations.E, false, Type.NONE));
        resources.add(resource(3, "Exec With Arguments", Operations.E, false, Type.NONE));
        resources.add(resource(4, "Arguments List", Operations.R, true, Type.STRING));
        TYPES.forEach((id, type) -> {
            resources.add(resource(id, type + " value", Operations.RW, false, type));
            resources.add(resource(WITH_INSTANCES + id, type + " values", Operations.RW, true, type));
        });
        return new ObjectModel(OBJECT, "LwM2M v1.1 Test Object", "A resource of every type", "1.0", true, false,
                resources);
    }

    private static ResourceModel resource(int id, String name, Operations operations, boolean multiple, Type type) {
        return new ResourceModel(id, name, operations, multiple, false, type, "", "", "");
    }
}
