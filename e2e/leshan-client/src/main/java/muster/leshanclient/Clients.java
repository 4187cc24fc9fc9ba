package muster.leshanclient;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.engine.DefaultRegistrationEngineFactory;
import org.eclipse.leshan.client.object.LwM2mTestObject;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.transport.californium.client.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coap.CoapClientProtocolProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coaps.CoapsClientProtocolProvider;

/** Puts the library's client together: the objects, the registration engine and the transport. */
final class Clients {

    private static final int SHORT_SERVER_ID = 123;
    private static final long DEREGISTRATION_TIMEOUT_MS = 2_000;
    private static final int RETRY_WAIT_MS = 1_000;

    private Clients() {
    }

    static LeshanClient build(Options options, TemperatureSensor sensor) {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadDefault());
        models.add(TemperatureSensor.objectModel());
        models.add(TestObject.objectModel());

        ObjectsInitializer objects = new ObjectsInitializer(new StaticModel(models));
        if (options.bootstrap()) {
            objects.setInstancesForObject(LwM2mId.SECURITY, options.credential().bootstrapAccount(options.serverUri()));
            objects.setClassForObject(LwM2mId.SERVER, Server.class);
        } else {
            objects.setInstancesForObject(LwM2mId.SECURITY, options.credential().account(options.serverUri(), SHORT_SERVER_ID));
            objects.setInstancesForObject(LwM2mId.SERVER, new Server(SHORT_SERVER_ID, options.lifetimeSeconds()));
        }
        objects.setInstancesForObject(LwM2mId.DEVICE, new DeviceObject());
        objects.setInstancesForObject(TemperatureSensor.OBJECT, sensor);
        objects.setInstancesForObject(TestObject.OBJECT, new LwM2mTestObject());
        objects.setClassForObject(TestObject.OBJECT, LwM2mTestObject.class);

        DefaultRegistrationEngineFactory engine = new DefaultRegistrationEngineFactory();
        engine.setQueueMode(options.queueMode());
        engine.setDeregistrationTimeoutInMs(DEREGISTRATION_TIMEOUT_MS);
        engine.setRetryWaitingTimeInMs(RETRY_WAIT_MS);

        LeshanClientBuilder builder = new LeshanClientBuilder(options.endpoint());
        builder.setObjects(objects.createAll());
        builder.setRegistrationEngineFactory(engine);
        CaliforniumClientEndpointsProvider.Builder endpoints = new CaliforniumClientEndpointsProvider.Builder(
                new CoapClientProtocolProvider(), new CoapsClientProtocolProvider());
        Configuration configuration = endpoints.createDefaultConfiguration();
        // The server's records need no id to find this device; its own carry the one that the server gives.
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        endpoints.setConfiguration(configuration);
        builder.setEndpointsProviders(endpoints.build());
        return builder.build();
    }
}
