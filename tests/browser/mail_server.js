/** A mail server for tests, which accepts all e-mails and decodes them. */

import { createServer } from 'node:net';

/** Answers the commands of an SMTP connection, and calls `receive` with the text of each e-mail. */
function serve(socket, receive) {
  let [text, inData] = ['', false];
  const send = (answer) => socket.write(`${answer}\r\n`);
  const answer = (command) => {
    if (/^DATA/i.test(command)) {
      inData = true;
      return send('354 go on');
    }
    send(/^QUIT/i.test(command) ? '221 bye' : '250 ok');
  };
  send('220 post');
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes;
    for (;;) {
      const end = inData ? '\r\n.\r\n' : '\r\n';
      const at = text.indexOf(end);
      if (at < 0) return;
      const piece = text.slice(0, at);
      text = text.slice(at + end.length);
      if (!inData) answer(piece);
      else {
        inData = false;
        receive(piece);
        send('250 taken');
      }
    }
  });
}

/** An e-mail decoded from quoted-printable, as its recipient reads it. */
const decode = (raw) => raw.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

/**
 * Starts a mail server on loopback. `email` waits for the next e-mail to an address that contains `part`, and removes
 * it; `link` does so for the next one with a link, and returns the link.
 */
export async function startMailServer() {
  const emails = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, (raw) => emails.push(decode(raw)));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const email = async (to, part = '') => {
    for (let tries = 0; tries < 100; tries += 1) {
      const at = emails.findIndex((email) => email.includes(`To: ${to}`) && email.includes(part));
      if (at >= 0) return emails.splice(at, 1)[0];
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`no e-mail arrived for ${to}`);
  };
  const link = async (to) => /https?:\/\/\S+token=[\w-]+/.exec(await email(to, 'token='))[0];
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { url: `smtp://127.0.0.1:${server.address().port}`, email, link, stop };
}
