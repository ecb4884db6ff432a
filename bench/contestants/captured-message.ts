import { Redis } from 'ioredis';
import type { PayloadForm } from './numbered-payload.ts';
import { type PublishTemplate, publishTemplate } from './publish-template.ts';

const CAPTURE_DEADLINE_MS = 20_000;

/**
 * What a server's own publisher writes to Redis for a payload, as a template: so that messages which come at any pace are
 * to the byte those of that publisher.
 */
export async function capturedMessage(
  redisUrl: string,
  payload: Buffer,
  form: PayloadForm,
  publish: () => Promise<void>,
): Promise<PublishTemplate> {
  const redis = new Redis(redisUrl, { protocol: 2 });
  try {
    const captured = new Promise<PublishTemplate>((resolve, reject) => {
      const overdue = () => reject(new Error('the publisher published nothing'));
      const timer = setTimeout(overdue, CAPTURE_DEADLINE_MS);
      redis.on('pmessageBuffer', (_pattern: string, channel: Buffer, message: Buffer) => {
        const payloadAt = message.indexOf(payload);
        if (payloadAt < 0) return;
        clearTimeout(timer);
        const places = form.places.map((place) => ({ ...place, at: payloadAt + place.at }));
        resolve(publishTemplate(channel.toString(), message, places));
      });
    });
    await redis.psubscribe('*');
    const [template] = await Promise.all([captured, publish()]);
    return template;
  } finally {
    redis.disconnect();
  }
}
