/** A mail server for tests, which accepts all messages and decodes them. */

import { createServer } from 'node:net';

/** Answers the commands of an SMTP connection, and calls `take` with the text of each message. */
function converse(socket, take) {
  let [text, reading] = ['', false];
  const say = (line) => socket.write(`${line}\r\n`);
  const line = (heard) => {
    if (/^DATA/i.test(heard)) {
      reading = true;
      return say('354 go on');
    }
    say(/^QUIT/i.test(heard) ? '221 bye' : '250 ok');
  };
  say('220 post');
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes;
    for (;;) {
      const end = reading ? '\r\n.\r\n' : '\r\n';
      const at = text.indexOf(end);
      if (at < 0) return;
      const piece = text.slice(0, at);
      text = text.slice(at + end.length);
      if (!reading) line(piece);
      else {
        reading = false;
        take(piece);
        say('250 taken');
      }
    }
  });
}

/** A message decoded from quoted-printable, as its reader sees it. */
const read = (raw) => raw.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Starts a mail server on loopback. `letter` waits for the next message to an address that contains `part`; `link` returns the link in the next one that has one. */
export async function startPost() {
  const letters = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    converse(socket, (raw) => letters.push(read(raw)));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const letter = async (to, part = '') => {
    for (let tries = 0; tries < 100; tries += 1) {
      const at = letters.findIndex((letter) => letter.includes(`To: ${to}`) && letter.includes(part));
      if (at >= 0) return letters.splice(at, 1)[0];
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`nothing came for ${to}`);
  };
  const link = async (to) => /https?:\/\/\S+token=[\w-]+/.exec(await letter(to, 'token='))[0];
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { url: `smtp://127.0.0.1:${server.address().port}`, letter, link, stop };
}
