/** Notes that this tab passes to the next document, outside the address. Each is read once. Without storage, they are lost. */

/** @param {string} name @param {string} text */
export function leaveNote(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // Storage is blocked.
  }
}

/** Reads a note and removes it; null if there is none. @param {string} name */
export function takeNote(name) {
  try {
    const text = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return text;
  } catch {
    return null;
  }
}
