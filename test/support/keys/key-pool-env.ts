/** The part of this process's environment with which a program draws its RSA keys from the pool. */
export function keyPoolEnv(): NodeJS.ProcessEnv {
  const { TEST_KEYS_DRAWN, NODE_OPTIONS } = process.env;
  return TEST_KEYS_DRAWN === undefined ? {} : { TEST_KEYS_DRAWN, NODE_OPTIONS };
}
