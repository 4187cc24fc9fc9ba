import { createSocket, type Socket } from 'node:dgram';

/** The least of a device: it registers over CoAP (RFC 7252) and sends values by LwM2M Send (Core 1.2 §6.4.6). */
export class CoapDevice {
  private messageId = 1;

  private constructor(
    private readonly socket: Socket,
    private readonly port: number,
  ) {}

  static async register(coap: URL, endpoint: string): Promise<CoapDevice> {
    const socket = createSocket('udp4');
    const device = new CoapDevice(socket, Number(coap.port));
    // Whatever the server asks: there is no such thing here.
    socket.on('message', (message) => {
      const [first = 0, code = 0, high = 0, low = 0] = message;
      const isRequest = ((first >> 4) & 3) === 0 && code > 0 && code < 32;
      if (isRequest) {
        const token = message.subarray(4, 4 + (first & 15));
        socket.send(Buffer.concat([Buffer.from([0x60 | token.length, 0x84, high, low]), token]), device.port, '127.0.0.1');
      }
    });
    const links = '</1/0>,</3303/0>';
    await device.post(['rd'], [`ep=${endpoint}`, 'lt=86400', 'lwm2m=1.1', 'b=U'], 40, links);
    return device;
  }

  /** Sends one number; the time in milliseconds since 1970 when it left. */
  async send(path: string, value: number): Promise<number> {
    const at = Date.now();
    await this.post(['dp'], [], 110, JSON.stringify([{ n: path, v: value }]));
    return at;
  }

  close(): void {
    this.socket.close();
  }

  private async post(path: string[], query: string[], format: number, payload: string): Promise<void> {
    const id = this.messageId++;
    const options: [number, Buffer][] = [
      ...path.map((segment): [number, Buffer] => [11, Buffer.from(segment)]),
      [12, Buffer.from([format])],
      ...query.map((part): [number, Buffer] => [15, Buffer.from(part)]),
    ];
    const parts: Buffer[] = [Buffer.from([0x41, 0x02, id >> 8, id & 255, id & 255])];
    let before = 0;
    for (const [number, value] of options) {
      // Every difference and length here is below 269.
      const delta = number - before;
      const long = value.length >= 13;
      parts.push(Buffer.from(long ? [(delta << 4) | 13, value.length - 13] : [(delta << 4) | value.length]), value);
      before = number;
    }
    parts.push(Buffer.from([0xff]), Buffer.from(payload));
    const answered = new Promise<void>((resolve) => {
      const listen = (message: Buffer) => {
        if (message.readUInt16BE(2) === id && (message[1] ?? 0) >= 64) {
          this.socket.off('message', listen);
          resolve();
        }
      };
      this.socket.on('message', listen);
    });
    this.socket.send(Buffer.concat(parts), this.port, '127.0.0.1');
    await answered;
  }
}
