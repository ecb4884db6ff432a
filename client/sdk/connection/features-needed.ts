import type { FeatureName } from '../../../src/protocol/features.ts';
import { parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { RequestEntry } from '../../../src/protocol/request-entry.ts';
import { type RequestBody, type RequestName, requests } from '../../../src/protocol/requests.ts';
import { type FieldDescription, isRecord } from '../../../src/protocol/shape.ts';

/** Features that a gateway must have named before this request may be sent to it. */
export function featuresNeeded<Name extends RequestName>(
  name: Name,
  body: RequestBody<Name>,
): readonly FeatureName[] {
  const needed = featuresOf(requests[name], body);
  return name === 'send' ? [...needed, ...featuresOfHeader((body as RequestBody<'send'>).header)] : needed;
}

function featuresOfHeader(header: Uint8Array): readonly FeatureName[] {
  const parsed = parseMessageHeader(header);
  return parsed.ok && parsed.header.seen !== undefined ? ['header-2'] : [];
}

/** Those of the operation, and of the fields that the body has. */
export function featuresOf(
  { feature, body: { fields } }: Pick<RequestEntry, 'feature' | 'body'>,
  body: unknown,
): readonly FeatureName[] {
  const needed = featuresOfFields(fields, body);
  return feature === undefined ? needed : [feature, ...needed];
}

function featuresOfFields(
  fields: Readonly<Record<string, FieldDescription>>,
  body: unknown,
): readonly FeatureName[] {
  if (!isRecord(body)) return [];
  return Object.entries(fields).flatMap(([name, field]) => {
    if (body[name] === undefined) return [];
    const own = field.feature === undefined ? [] : [field.feature];
    return field.fields === undefined ? own : [...own, ...featuresOfFields(field.fields, body[name])];
  });
}
