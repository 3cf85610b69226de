package org.eclipse.jetty.security;

/** See {@link SecurityHandler}. */
public interface IdentityService {
    interface RunAsToken {}

    RunAsToken newRunAsToken(String name);
}
