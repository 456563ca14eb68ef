/**
 * The shapes that travel: what the API answers and what a page keeps. Types alone; nothing runs here.
 *
 * @typedef {{id: string, name: string, role: Role}} Place
 * @typedef {'admin' | 'power_user'} Role
 * @typedef {'password' | 'saml' | 'recovery'} Method
 * @typedef {'none' | 'draft' | 'ready'} SsoStatus
 * @typedef {{name: string | null, logo: string | null, label: string}} Brand what stands at the top of pages
 * @typedef {{name: string | null, logo: string | null}} Branding what was set; `logo` is a data URL
 *
 * @typedef {{id: string, slug: string, name: string, plan: string, admin: boolean, open: boolean, password: boolean, portal_url?: string,
 *   brand?: Brand | null, certificates_end_at?: string, workspaces: Place[]}} OwnOrganisation
 * @typedef {{person: {id: string, name: string, email: string, language: string | null, operator: boolean, notify_new_browser: boolean}, password: boolean,
 *   grants: {organisation: string, method: Method, at: string, expires_at: string}[],
 *   organisations: OwnOrganisation[], last_workspace?: string}} Me
 *
 * @typedef {`max_${string}`} PlanLimit
 * @typedef {{id: string, name: string, auth_mode: 'password' | 'password_or_saml' | 'saml'} & Record<PlanLimit, number | null>} Plan
 * @typedef {Plan & {organisations: number, people: number}} PlanUse
 * @typedef {{id: string, slug: string, name: string, plan: Plan, created_at: string, people: number, workspaces: number,
 *   sso: SsoStatus, saml_only: boolean, language: string | null, invitation_hours: number | null, session_idle_hours: number | null, session_days: number | null,
 *   lives: {invitation_hours: number, session_idle_hours: number, session_days: number}}} Organisation
 * @typedef {{id: string, organisation: string, slug: string, name: string, members: number, created_at: string, role: Role | null}} Workspace
 *
 * @typedef {{user: string, name: string, email: string, admin: boolean, password: boolean, workspaces: Place[],
 *   last_sign_in_at?: string, last_method?: Method, reminded_at?: string | null, disabled: boolean}} OrganisationMember
 * @typedef {{id: string, agent: string, address: string | null, grants: {method: Method, at: string, expires_at: string}[]}} MemberSession
 * @typedef {{ready: number, total: number, since: string | null, portal_url: string | null, mail_server: boolean}} Readiness
 * @typedef {{user: string, name: string, email: string, role: Role, organisation_admin: boolean, joined_at: string,
 *   last_sign_in_at?: string, last_method?: Method, disabled: boolean}} WorkspaceMember
 * @typedef {{user: string, name: string, email: string, password: boolean, disabled: boolean, pending: boolean, accept_url?: string}} Operator
 * @typedef {{id: string, email: string, role: Role, status: 'pending' | 'expired' | 'orphaned', created_at: string, expires_at: string,
 *   invited_by: string, accept_url?: string}} Invitation
 * @typedef {{line: number, text: string, name: string, email: string, role: Role | null, message: string | null, invitation: Invitation | null,
 *   outcome: 'invited' | 'member' | 'already_invited' | 'repeated' | 'invalid' | 'plan_limit' | 'mail_limit'}} TriedInvitation
 * @typedef {{email: string, organisation: string, workspace: string, role: Role, expires_at: string, account?: boolean,
 *   saml_only: boolean, portal_url?: string, brand: Brand | null}} InspectedInvitation
 *
 * @typedef {{pem: string, subject: string, fingerprint: string, not_before: string, not_after: string, days_left: number,
 *   key: string}} Certificate
 * @typedef {Certificate & {added_by: string | null, at: string | null}} Candidate
 * @typedef {{fetched_at: string, next_at: string, failed_at: string | null, failure: string | null}} MetadataCopy
 * @typedef {'google' | 'okta' | 'entra' | 'custom'} Provider
 * @typedef {'none' | 'email' | 'persistent' | 'transient' | 'unspecified'} NameIdFormat
 * @typedef {{status: SsoStatus, available: boolean, read_only: boolean, saml_only: boolean,
 *   recovery_codes_left: number, entity_id: string,
 *   callback_url: string, portal_url?: string, suggested_portal_key: string, provider?: Provider, portal_key?: string,
 *   sign_on_url?: string, idp_entity_id?: string, tested_at?: string, settings_digest?: string, sign_requests?: boolean,
 *   force_authn?: boolean, name_id_format?: NameIdFormat, certificates: Certificate[], certificates_end_at?: string,
 *   candidates: Candidate[], changes: {field: string, ours: string, theirs: string}[], metadata_url?: string,
 *   adopt_certificates?: boolean, metadata?: MetadataCopy, clock?: Skew | null}} Connection
 * @typedef {Connection & {organisation: string, brand: Brand | null, expires_at: string}} SetupConnection
 * @typedef {{id: string, status: 'live' | 'done' | 'expired' | 'orphaned', note: string, created_by: string, created_at: string,
 *   expires_at: string, last_used_at: string | null, url?: string}} SetupLink
 * @typedef {{id: string, created_at: string, signs: boolean, last_decrypted_at: string | null, signing: Certificate,
 *   encryption: Certificate}} OwnKeys
 * @typedef {{sign_on_url: string, idp_entity_id: string, certificates: string[], sign_requests: boolean, warnings: string[]}} Metadata
 *
 * @typedef {{rule: string, name?: string, ok: boolean | null, expected: string, received: string, expected_text?: string, received_text?: string, asks?: string,
 *   source?: string}} Rule
 * @typedef {{median_secs: number, least_secs: number, most_secs: number, samples: number, allowed_secs: number,
 *   level: 'fine' | 'drifting' | 'failing'}} Skew
 * @typedef {{issued_at: string, received_at: string, difference_secs: number, allowed_secs: number}} TraceClock
 * @typedef {{code: string, message: string, expected: string, received: string, expected_text?: string, received_text?: string, fix?: string, fault_text?: string,
 *   fix_for?: string[], what?: string, places?: Record<string, string>}} Refusal by the ids of guides
 * @typedef {{id: string, at: string, reference: string, outcome: 'signed_in' | 'verified' | 'refused', email?: string,
 *   refusal?: Refusal, rules: Rule[]}} Attempt
 * @typedef {Attempt & {clock: TraceClock | null, certificate: string | null, attributes: Record<string, string[] | null> | null,
 *   message: string | null}} WholeAttempt
 *
 * @typedef {{id: string, current: boolean, created_at: string, last_seen_at: string, expires_at: string, address: string | null,
 *   agent: string, methods: Method[], organisations: string[], opens: {organisation: string, method: Method}[]}} Session
 * @typedef {{at: string, kind: 'password_changed' | 'new_browser' | 'operator_added' | 'admin_added' | 'admin_removed' | 'key_made' |
 *   'connection_changed' | 'saml_only_changed' | 'recovery_used', organisation: Named | null, by: string, by_kind: string, address: string, agent: string,
 *   detail: {person?: string, key?: string, change?: 'settings' | 'removed' | 'certificate_added' | 'own_keys', on?: boolean, how?: 'code' | 'link', pending?: boolean} | null}} AccountEvent
 *
 * @typedef {{step: string, done: boolean, optional: boolean, title: string, text: string, path: string | null}} Step
 * @typedef {{items: Step[], done: boolean}} Steps
 * @typedef {{score: number, fault: string | null}} Strength
 *
 * @typedef {{user: string, email: string, reason: string, organisation?: string}} Affected
 * @typedef {{organisation: string, name: string, counts: Effect['counts']}} Share
 * @typedef {{applied: boolean, keeps: Affected[], loses: Affected[], warnings: string[],
 *   organisations?: Share[], counts: {keeps: number, loses: number, sessions: number, grants: number}}} Effect
 *
 * @typedef {{id: string, name: string | null}} Named null where it exists no more
 * @typedef {{id: number, at: string, actor: {kind: 'person' | 'operator' | 'key' | 'setup_link' | 'command_line' | 'system' | 'anonymous', id?: string,
 *   name: string, full_name: string | null}, address: string, action: string, organisation: Named | null, workspace: Named | null, resource_type: string,
 *   resource_id: string, resource_name: string, reason?: string, detail: Record<string, unknown> | null}} AuditEntry
 * @typedef {{items: {from: string, to: string, count: number}[], total: number}} Activity how much happened
 *
 * @typedef {{nginx: string, caddy: string, traefik: string, apache: string}} ProxyLines
 * @typedef {{peer: string, trusted: boolean, host: string, forwarded_host: string | null, forwarded_proto: string | null,
 *   forwarded_for: string | null}} Arrival
 * @typedef {{check: string, ok: boolean | null, found: string, what: string | null, lines: ProxyLines | null}} Finding
 * @typedef {{name: string, period_secs: number, ran_at: string | null, ok: boolean | null, failed_at: string | null, failure: string | null,
 *   next_at: string | null}} Job
 * @typedef {{healthy: boolean, public_url: string, request: Arrival | null, here: Finding[], checks: Finding[], jobs: Job[]}} Checkup
 *
 * @typedef {'read' | 'manage_members' | 'manage_sso'} Scope
 * @typedef {{id: string, name: string, scopes: Scope[], created_by: string, created_at: string, expires_at: string | null,
 *   last_used_at: string | null}} Key
 *
 * @typedef {{id: string, to: string, kind: 'invitation' | 'reset' | 'recovery_used' | 'reset_link' | 'certificate_expiring' | 'certificate_found' | 'connection_waiting' | 'saml_reminder' | AccountEvent['kind'], subject: string, attempts: number,
 *   next_attempt_at: string | null, last_error: string | null, created_at: string, expires_at: string}} Mail
 * @typedef {{accepted: boolean, server: string, from: string, warning: string | null,
 *   steps: {step: string, ok: boolean, found: string, what: string | null}[]}} MailTest
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
 * @typedef {{title: string, action: string, danger: boolean, body: unknown, real: () => Promise<unknown>,
 *   done?: string, to?: string | (() => unknown), cancel?: string, cancelled?: () => unknown}} Dialog
 */

/**
 * What is on the screen, all of it. `data` is what the page's `load` gathered and is new after each load; `local` is what the
 * person has done on this page, and is empty on arrival.
 * @template [Data=any]
 * @typedef {{me: Me, page: Page, path: string, params: Record<string, string>, query: URLSearchParams, data: Data,
 *   local: Record<string, any>, errors: Record<string, string>, notice: Notice | null, failure: import('./api.js').ApiError | null,
 *   dialog: Dialog | null, busy: boolean, loading: boolean, menu: boolean,
 *   update: () => void, go: (path: string) => void, readdress: (path: string) => void, reload: () => Promise<void>, signInAgain: (error: import('./api.js').ApiError) => void}} State
 */

/**
 * What a page's `load` may look at.
 * @typedef {Pick<State, 'me' | 'params' | 'query' | 'local'>} Visit
 */

/**
 * A page. An `open` one needs nobody signed in, and stands alone on the screen; `landing` sends on whoever has no choice to
 * make there; `zone` is that of its times where it is not the reader's own; `keeps` names
 * what of `local` comes back like what is typed, once somebody whose session ended has signed in again.
 * @typedef {{title: string, view: (state: any) => unknown, load?: (visit: Visit) => Promise<object>, open?: boolean,
 *   broad?: (data: any) => boolean, zone?: 'UTC', keeps?: string[],
 *   landing?: (me: Me) => string | null}} Page
 */

export {};
