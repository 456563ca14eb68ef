/** The addresses at which a person signs in and returns to a page. */

/** The sign-in page. @param {string | null} [path] the page to return to */
export const signInPage = (path) => (path ? `/login?return=${encodeURIComponent(path)}` : '/login');

/** An organisation's portal. @param {string | null | undefined} portalUrl @param {string | null} [path] the page to return to */
export const portal = (portalUrl, path) => `${portalUrl ?? ''}${path ? `&return=${encodeURIComponent(path)}` : ''}`;
