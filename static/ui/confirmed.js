/** How the tab in which somebody signed in again tells the tab that waits for it. */

/** The message. */
export const CONFIRMED = 'confirmed';

/** A way between the tabs of one browser; to be closed after use. */
export const channel = () => new BroadcastChannel('vestibule-confirmed');
