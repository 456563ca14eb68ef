/** The message from the tab in which a person confirmed their identity to the tab that waits for it. */

/** The content of the message. */
export const CONFIRMED = 'confirmed';

/** A channel between the tabs of a browser. The caller must close it. */
export const channel = () => new BroadcastChannel('vestibule-confirmed');
