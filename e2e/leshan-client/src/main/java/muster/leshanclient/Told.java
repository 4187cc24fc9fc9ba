package muster.leshanclient;

import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;

/** Tells what happens to the registration, one event a line on standard output. */
final class Told extends LwM2mClientObserverAdapter {

    static void line(String event) {
        System.out.println(event);
        System.out.flush();
    }

    @Override
    public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String registrationId) {
        line("registered " + registrationId);
    }

    @Override
    public void onRegistrationFailure(LwM2mServer server, RegisterRequest request, ResponseCode code, String message,
            Exception cause) {
        line("register-refused " + code + " " + message);
    }

    @Override
    public void onRegistrationTimeout(LwM2mServer server, RegisterRequest request) {
        line("register-unanswered");
    }

    @Override
    public void onUpdateSuccess(LwM2mServer server, UpdateRequest request) {
        line("updated");
    }

    @Override
    public void onUpdateFailure(LwM2mServer server, UpdateRequest request, ResponseCode code, String message,
            Exception cause) {
        line("update-refused " + code + " " + message);
    }

    @Override
    public void onUpdateTimeout(LwM2mServer server, UpdateRequest request) {
        line("update-unanswered");
    }

    @Override
    public void onDeregistrationSuccess(LwM2mServer server, DeregisterRequest request) {
        line("deregistered");
    }

    @Override
    public void onDeregistrationFailure(LwM2mServer server, DeregisterRequest request, ResponseCode code, String message,
            Exception cause) {
        line("deregister-refused " + code + " " + message);
    }

    @Override
    public void onDeregistrationTimeout(LwM2mServer server, DeregisterRequest request) {
        line("deregister-unanswered");
    }
}
