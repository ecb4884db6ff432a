import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';

const proxies = new BlockList();
proxies.addSubnet('10.0.0.0', 8, 'ipv4');
proxies.addAddress('2001:db8::1', 'ipv6');
const ipv4 = (text: string): Uint8Array => new Uint8Array(text.split('.').map(Number));
const ipv6 = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.padEnd(32, '0'), 'hex'));

describe('the address that limits go by', () => {
  it.each([
    ['a peer that is no proxy is itself, whatever it says', ipv4('192.0.2.1'), '203.0.113.9', '192.0.2.1'],
    ['behind a proxy it is what the proxy added', ipv4('10.1.1.1'), '203.0.113.9', '203.0.113.9'],
    ['what a client put in front is not believed', ipv4('10.1.1.1'), '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['a chain of proxies is followed', ipv4('10.1.1.1'), '203.0.113.9, 10.2.2.2', '203.0.113.9'],
    ['nonsense ends the chain', ipv4('10.1.1.1'), 'unknown, 10.2.2.2', '10.2.2.2'],
    ['a port is left out', ipv4('10.1.1.1'), '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 counts by its /64', ipv6('20010db8000100020003000400050006'), '', '2001:db8:1:2::/64'],
    ['IPv6 told by a proxy too', ipv4('10.1.1.1'), '[2001:DB8:1:2::7]:80', '2001:db8:1:2::/64'],
    ['a short IPv6 address too', ipv6('000000000000000000000000000000'.concat('01')), '', '0:0:0:0::/64'],
    ['IPv4 inside IPv6 is IPv4', ipv6('00000000000000000000ffffc0000201'), '', '192.0.2.1'],
    ['a proxy on IPv6 is one', ipv6('20010db8000000000000000000000001'), '203.0.113.9', '203.0.113.9'],
  ])('%s', (_what, peer, forwardedFor, expected) => {
    expect(clientAddress(peer, forwardedFor, proxies)).toBe(expected);
  });
});
