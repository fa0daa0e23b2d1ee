import { installFetch } from '../fetch.ts';

/** Set-up of every test file that talks to servers: the client that the services have. */
installFetch();
