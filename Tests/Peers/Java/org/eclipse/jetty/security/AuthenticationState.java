package org.eclipse.jetty.security;

import org.eclipse.jetty.server.Request;

/** Nobody is authenticated; see {@link SecurityHandler}. */
public interface AuthenticationState {
    interface Succeeded extends AuthenticationState {
        String getAuthenticationType();

        UserIdentity getUserIdentity();

        boolean isUserInRole(String role);
    }

    static AuthenticationState getAuthenticationState(Request request) {
        return null;
    }

    static AuthenticationState getUndeferredAuthenticationState(Request request) {
        return null;
    }
}
