/** Of package.json's `engines`: from a version on, and below a major one. */
const form = /^>=(\d+)\.(\d+) <(\d+)$/;

/** Undefined: this Node will do. `version`: as in process.versions.node. `engines`: such as `>=20.19 <23`. */
export function refuseNode(version: string, engines: string): string | undefined {
  const [, needMajor = '', needMinor = '', below = ''] = form.exec(engines) ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < Number(needMajor) || (major === Number(needMajor) && minor < Number(needMinor));
  if (!isOld && major < Number(below)) return undefined;
  return (
    `this is Node ${version}; Conclave needs ${needMajor}.${needMinor} or newer, and below ${below}, ` +
    'for which its WebSocket server has binaries: install Node 22'
  );
}
