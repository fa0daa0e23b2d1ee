import { installFetch } from '../fetch.ts';

/** Installs the HTTP client of the services. Set-up of every test file that connects to servers. */
installFetch();
