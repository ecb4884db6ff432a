import { describe, expect, it } from 'vitest';
import { databaseName } from './database-name.ts';

describe('the database', () => {
  it.each([
    ['mongodb://localhost', 'conclave'],
    ['mongodb://localhost/', 'conclave'],
    ['mongodb://localhost/?w=1', 'conclave'],
    ['mongodb://localhost?replicaSet=a/b', 'conclave'],
    ['mongodb://localhost:27017/chat', 'chat'],
    ['mongodb://me:p%2Fw@one:1,two:2/team%20chat?authSource=admin', 'team chat'],
    ['mongodb+srv://cluster.example/chat?tls=true', 'chat'],
  ])('of %s is %s', (url, name) => {
    expect(databaseName(url)).toBe(name);
  });
});
