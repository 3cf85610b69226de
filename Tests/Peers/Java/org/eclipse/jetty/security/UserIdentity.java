package org.eclipse.jetty.security;

import java.security.Principal;

/** See {@link SecurityHandler}. */
public interface UserIdentity {
    Principal getUserPrincipal();
}
