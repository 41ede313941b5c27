/** The door of GraphQL: loads the rest when the first request comes, because few nodes are ever asked. */

import type { RateLimiter } from '../admission/rate.ts'
import type { HttpRoute } from '../server.ts'
import type { GraphqlOptions } from './graphql.ts'

export function graphqlRoute(options: GraphqlOptions & { readonly rate: RateLimiter | undefined }): HttpRoute {
  let loaded: Promise<HttpRoute> | undefined
  return async (request) => {
    if (options.rate?.take(request.client) === false)
      return { status: 429, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Too many requests from this address.\n' }
    loaded ??= import('./graphql.ts').then(({ createGraphql }) => createGraphql(options))
    return (await loaded)(request)
  }
}
