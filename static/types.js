/** @import * as Api from './api_types.js' */

/**
 * Types only: the shapes of the API, from its description, and the state of the console.
 *
 * @typedef {Api.Place} Place
 * @typedef {Api.Role} Role
 * @typedef {Api.CustomRole} CustomRole
 * @typedef {Api.RoleChoice} RoleChoice
 * @typedef {Api.Method} Method
 *
 * @typedef {Api.ConnectionStatus} SsoStatus
 * @typedef {Api.Brand} Brand
 * @typedef {Api.Branding} Branding
 *
 * @typedef {Api.OwnOrganisation} OwnOrganisation
 * @typedef {Api.Me} Me
 *
 * @typedef {Api.Plan} Plan
 * @typedef {Api.PlanUse} PlanUse
 * @typedef {Api.Organisation} Organisation
 * @typedef {Api.Workspace} Workspace
 *
 * @typedef {Api.Application} Application
 * @typedef {Api.ApplicationAccess} ApplicationAccess
 * @typedef {Api.ApplicationDecision} ApplicationDecision
 * @typedef {Api.ApplicationHosts} ApplicationHosts
 * @typedef {Api.ApplicationKind} ApplicationKind
 * @typedef {Api.ApplicationOutcome} ApplicationOutcome
 * @typedef {Api.ApplicationSession} ApplicationSession
 * @typedef {Api.ApplicationTile} ApplicationTile
 * @typedef {Api.ClientSecret} ClientSecret
 * @typedef {Api.Level} Level
 * @typedef {Api.PathRule} PathRule
 * @typedef {Api.Require} Require
 * @typedef {Api.Snippet} Snippet
 *
 * @typedef {Api.Member} OrganisationMember
 * @typedef {Api.MemberSession} MemberSession
 * @typedef {Api.Readiness} Readiness
 * @typedef {Api.WorkspaceMember} WorkspaceMember
 * @typedef {Api.Operator} Operator
 *
 * @typedef {Api.Invitation} Invitation
 * @typedef {Api.TriedInvitation} TriedInvitation
 * @typedef {Api.InspectedInvitation} InspectedInvitation
 * @typedef {Api.InspectedReset} InspectedReset
 * @typedef {Api.ResetLink} ResetLink
 *
 * @typedef {Api.Certificate} Certificate
 * @typedef {Api.CandidateCertificate} Candidate
 * @typedef {Api.MetadataCopy} MetadataCopy
 * @typedef {Api.Provider} Provider
 * @typedef {Api.NameIdFormat} NameIdFormat
 *
 * @typedef {Api.Connection} Connection
 * @typedef {Connection & Omit<Api.SetupConnection, keyof Connection>} SetupConnection
 * @typedef {Api.SamlOnlyForesight} SamlOnlyForesight
 * @typedef {Api.SetupLink} SetupLink
 * @typedef {Api.OwnKeys} OwnKeys
 * @typedef {Api.ProviderValues} Metadata
 *
 * @typedef {Api.WholeRule} Rule
 * @typedef {Api.Clock} Skew
 * @typedef {Api.TraceClock} TraceClock
 * @typedef {Api.WholeRefusal} Refusal
 * @typedef {Api.Attempt} Attempt
 * @typedef {Api.WholeAttempt} WholeAttempt
 *
 * @typedef {Api.Session} Session
 * @typedef {Api.Step} Step
 * @typedef {Api.NextSteps} Steps
 * @typedef {Api.Strength} Strength
 *
 * @typedef {Api.Affected} Affected
 * @typedef {Api.Share} Share
 * @typedef {Api.Effect} Effect
 *
 * @typedef {Api.Named} Named
 * @typedef {Api.AuditEntry} AuditEntry
 * @typedef {Api.Activity} Activity
 *
 * @typedef {Api.ProxyLines} ProxyLines
 * @typedef {Api.Arrival} Arrival
 * @typedef {Api.Finding} Finding
 * @typedef {Api.Job} Job
 * @typedef {Api.Checkup} Checkup
 *
 * @typedef {Api.Scope} Scope
 * @typedef {Api.Key} Key
 * @typedef {Api.Mail} Mail
 * @typedef {Api.MailTest} MailTest
 *
 * @typedef {`max_${string}` & keyof Plan} PlanLimit
 * @typedef {Omit<Api.AccountEvent, 'detail'> & {detail: {person?: string, key?: string, change?: 'settings' | 'removed' | 'certificate_added' | 'own_keys',
 *   on?: boolean, how?: 'code' | 'link', pending?: boolean} | null}} AccountEvent
 *
 * @typedef {{$ref?: string, type?: string | string[], description?: string, properties?: Record<string, Schema>, required?: string[],
 *   items?: Schema, oneOf?: Schema[], anyOf?: Schema[], allOf?: Schema[], enum?: string[], examples?: unknown[],
 *   additionalProperties?: boolean | Schema, minLength?: number, maxLength?: number, minimum?: number, maximum?: number}} Schema
 * @typedef {{$ref?: string, description?: string, content?: Record<string, {schema: Schema}>}} ApiBody
 * @typedef {{operationId: string, summary: string, description?: string, tags: string[],
 *   security: {session?: string[], key?: string[]}[], requestBody?: ApiBody, responses: Record<string, ApiBody>,
 *   parameters?: {name: string, in: 'path' | 'query', description: string, schema: Schema}[]}} Operation
 * @typedef {{info: {title: string, version: string, description: string}, servers: {url: string}[],
 *   tags: {name: string, description?: string}[], paths: Record<string, Record<string, Operation>>,
 *   components: {schemas: Record<string, Schema>, responses: Record<string, {description: string}>}}} Description of the API, in OpenAPI
 *
 * @typedef {{kind: 'good' | 'bad', text: string, fading?: boolean}} Notice
 * @typedef {{title: string, action?: string, danger: boolean, body: unknown, real?: () => Promise<unknown>,
 *   done?: string, to?: string | (() => unknown), cancel?: string, cancelled?: () => unknown}} Dialog
 */

/**
 * The whole state of the screen. `data` is the result of the page's `load` and is replaced by each load; `local` keeps what the
 * person has done on this page, and is empty when the page is opened.
 * @template [Data=any]
 * @typedef {{me: Me, page: Page, path: string, params: Record<string, string>, query: URLSearchParams, data: Data,
 *   local: Record<string, any>, errors: Record<string, string>, notice: Notice | null, failure: import('./api.js').ApiError | null,
 *   dialog: Dialog | null, busy: boolean, loading: boolean, menu: boolean,
 *   update: () => void, go: (path: string) => void, readdress: (path: string) => void, reload: () => Promise<void>, signInAgain: (error: import('./api.js').ApiError) => void}} State
 */

/**
 * The part of the state that a page's `load` may read.
 * @typedef {Pick<State, 'me' | 'params' | 'query' | 'local'>} Visit
 */

/**
 * A page. An `open` page needs no session and has no navigation around it, and is wider if `broad` says so; `landing` returns the path to
 * redirect a person to who has nothing to choose there; `zone` is the time zone of its times if not the reader's own; `keeps` names the
 * entries of `local` that are restored, like typed text, after the person has signed in again; `news` returns the message to show on arrival, if any.
 * @typedef {{title: string, view: (state: any) => unknown, load?: (visit: Visit) => Promise<object>, open?: boolean,
 *   broad?: (data: any) => boolean, zone?: 'UTC', keeps?: string[],
 *   landing?: (me: Me) => string | null, news?: () => string | null}} Page
 */

export {};
