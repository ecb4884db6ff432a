import type { ConfigKeys } from './gateway-config.ts';
import { maskedSecret } from './mask.ts';
import {
  type S3Settings,
  s3Bucket,
  s3Endpoint,
  s3Key,
  s3PathStyle,
  s3Prefix,
  s3Region,
} from './s3-target.ts';

export const s3Keys: Pick<ConfigKeys, keyof S3Settings> = {
  s3Endpoint: {
    name: 'S3_ENDPOINT',
    parser: s3Endpoint,
    meaning:
      'S3 that holds the chunks of files; requires S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and MONGODB_URL as well. Without it, they are in MongoDB.',
  },
  s3Bucket: { name: 'S3_BUCKET', parser: s3Bucket, meaning: 'Bucket at S3_ENDPOINT. It has to exist.' },
  s3Region: {
    name: 'S3_REGION',
    parser: s3Region,
    fallback: 'us-east-1',
    meaning: 'Region that requests to S3_ENDPOINT are signed for.',
  },
  s3AccessKeyId: { name: 'S3_ACCESS_KEY_ID', parser: s3Key, meaning: 'Name of the key for S3_BUCKET.' },
  s3SecretAccessKey: {
    name: 'S3_SECRET_ACCESS_KEY',
    parser: s3Key,
    meaning: 'Secret of the key for S3_BUCKET.',
    mask: () => maskedSecret,
  },
  s3PathStyle: {
    name: 'S3_PATH_STYLE',
    parser: s3PathStyle,
    fallback: 'on',
    meaning:
      'Whether the bucket is the first segment of the path (`on`), or a label before the host of S3_ENDPOINT (`off`), as some providers require.',
  },
  s3Prefix: {
    name: 'S3_PREFIX',
    parser: s3Prefix,
    fallback: 'conclave',
    meaning: 'Start of the names of all objects. Clusters that share a bucket need different ones.',
  },
};
