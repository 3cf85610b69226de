package org.eclipse.jetty.security;

import org.eclipse.jetty.server.Handler;

/**
 * The types of this package are named by Jetty's servlets, and used only where a page asks for a password. The jars that the
 * tests have leave them out; these say as much as it takes to load Connect's REST server, which asks for none.
 */
public abstract class SecurityHandler extends Handler.Wrapper {
    public abstract IdentityService getIdentityService();
}
