/** Of connections to a server that is away, browsers write themselves. */
export const UNREACHABLE =
  /ERR_CONNECTION_REFUSED|can’t establish a connection|connection to .* was interrupted/;
