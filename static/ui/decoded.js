/** Decodes the text of a chosen file, in the usual encodings, by the same rules as src/domain/decoded.rs. */

/** @param {Uint8Array} bytes @param {string} encoding */
function decode(bytes, encoding) {
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  if (/[\0-\x08\x0e-\x1f]/.test(text)) throw new TypeError('control characters');
  return text;
}

/** The encoding, by the byte order mark, the first bytes, or the XML declaration. @param {Uint8Array} bytes */
function encodingOf(bytes) {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const start = new TextDecoder('latin1').decode(bytes.slice(0, 256));
  const [, declared = 'utf-8'] = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(start) ?? [];
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  return /^utf-16/i.test(declared) || start.startsWith('ï»¿') ? 'utf-8' : declared;
}

/**
 * The bytes as text; undefined if they are not text.
 * @param {Uint8Array} bytes
 */
export function textOfBytes(bytes) {
  try {
    return decode(bytes, encodingOf(bytes));
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} bytes */
export function base64OfBytes(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** @param {File} file */
export async function bytesOf(file) {
  return new Uint8Array(await file.arrayBuffer());
}
