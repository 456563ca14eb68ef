/** The shapes of the API. Written from its description: WRITE_OPENAPI=1 cargo test --test it openapi */

export type Acceptance = {
  name?: Name | null;
  password?: string | null;
  token: string;
};

export type AcceptedInvitation = {
  accepted: boolean;
  portal_url?: string | null;
};

export type AccountChange = {
  language?: string | null;
  name?: Name | null;
  notify_new_browser?: boolean | null;
};

export type AccountEvent = {
  address: string;
  agent: string;
  at: Time;
  by: string;
  by_kind: string;
  detail?: Record<string, unknown> | null;
  kind: NoticeKind;
  organisation?: Named | null;
};

export type Activity = {
  items: Busy[];
  total: number;
};

export type Actor = {
  full_name?: string | null;
  id?: string | null;
  kind: string;
  name: string;
};

export type Affected = {
  email: Email;
  organisation?: Id | null;
  reason: string;
  user: Id;
};

export type Application = {
  assertion?: boolean | null;
  backchannel_logout_uri?: string | null;
  client_id?: Id | null;
  client_secret?: string | null;
  client_type?: ClientType | null;
  created_at: Time;
  description?: string | null;
  hosts?: ApplicationHost[] | null;
  icon?: string | null;
  id: Id;
  kind: ApplicationKind;
  name: Name;
  organisation: Id;
  pkce_optional?: boolean | null;
  post_logout_redirect_uris?: string[] | null;
  redirect_uris?: string[] | null;
  rules?: PathRule[] | null;
  secrets?: ClientSecret[] | null;
  signing?: SigningAlgorithm | null;
  token_auth?: TokenAuth | null;
  url: string;
  workspace: Id;
};

export type ApplicationAccess = {
  level: Level;
  opens: boolean;
  reason: string;
};

export type ApplicationChanges = {
  assertion?: boolean | null;
  backchannel_logout_uri?: string | null;
  client_type?: ClientType | null;
  description?: string | null;
  hosts?: string[] | null;
  icon?: string | null;
  name?: Name | null;
  pkce_optional?: boolean | null;
  post_logout_redirect_uris?: string[] | null;
  redirect_uris?: string[] | null;
  rules?: NewPathRule[] | null;
  signing?: SigningAlgorithm | null;
  token_auth?: TokenAuth | null;
  url?: string | null;
};

export type ApplicationDecision = {
  at: Time;
  decision: ApplicationOutcome;
  email?: string | null;
  method: string;
  path: string;
  reason: string;
};

export type ApplicationHost = string;

export type ApplicationHosts = {
  effect?: Effect | null;
  hosts: string[];
};

export type ApplicationKind = "link" | "proxy" | "oidc";

export type ApplicationOutcome = "allowed" | "sign_in" | "denied";

export type ApplicationRef = {
  id: Id;
  name: string;
};

export type ApplicationSession = {
  created_at: Time;
  email: Email;
  host?: ApplicationHost | null;
  last_seen_at: Time;
  user: Id;
};

export type ApplicationTile = {
  description?: string | null;
  icon?: string | null;
  id: Id;
  kind: ApplicationKind;
  level: Level;
  name: Name;
  organisation: string;
  url: string;
  workspace: string;
};

export type Arrival = {
  forwarded_for?: string | null;
  forwarded_host?: string | null;
  forwarded_proto?: string | null;
  host: string;
  peer: string;
  trusted: boolean;
};

export type Attempt = {
  at: Time;
  email?: string | null;
  id: Id;
  outcome: AttemptOutcome;
  reference: string;
  refusal?: RefusalLine | null;
  rules: Rule[];
};

export type AttemptListing = {
  items: Attempt[];
  next?: string | null;
  untraced: number;
};

export type AttemptOutcome = "verified" | "signed_in" | "refused";

export type AuditEntry = {
  action: string;
  actor: Actor;
  address: string;
  at: Time;
  detail?: Record<string, unknown> | null;
  id: number;
  organisation?: Named | null;
  reason?: string | null;
  resource_id: string;
  resource_name: string;
  resource_type: string;
  workspace?: Named | null;
};

export type AuditListing = {
  items: AuditEntry[];
  next?: string | null;
  resource_types: string[];
};

export type AuthMode = "password" | "password_or_saml" | "saml";

export type Brand = {
  label: string;
  logo?: string | null;
  name?: string | null;
};

export type Branding = {
  logo?: string | null;
  name?: string | null;
};

export type Busy = {
  count: number;
  from: Time;
  to: Time;
};

export type CandidateCertificate = Certificate & {
  added_by?: string | null;
  at?: Time | null;
};

export type Certificate = {
  days_left: number;
  fingerprint: string;
  key: string;
  not_after: Time;
  not_before: Time;
  pem: string;
  subject: string;
};

export type Change = {
  field: string;
  ours: string;
  theirs: string;
};

export type Checkup = {
  checks: Finding[];
  healthy: boolean;
  here: Finding[];
  jobs: Job[];
  public_url: string;
  request?: Arrival | null;
};

export type ClientSecret = {
  created_at: Time;
  id: Id;
};

export type ClientType = "confidential" | "public";

export type Clock = {
  allowed_secs: number;
  least_secs: number;
  level: SkewLevel;
  median_secs: number;
  most_secs: number;
  samples: number;
};

export type Connection = Partial<ConnectionSettings> & Partial<MetadataSource> & {
  available: boolean;
  callback_url: string;
  candidates: CandidateCertificate[];
  certificates: Certificate[];
  changes: Change[];
  effect?: Effect | null;
  entity_id: string;
  read_only: boolean;
  recovery_codes_left: number;
  saml_only: boolean;
  status: ConnectionStatus;
  suggested_portal_key: string;
};

export type ConnectionSettings = {
  certificates_end_at: Time;
  clock?: Clock | null;
  force_authn: boolean;
  idp_entity_id: string;
  last_tested_at?: Time | null;
  name_id_format: NameIdFormat;
  portal_key: string;
  portal_url: string;
  provider: Provider;
  settings_digest: string;
  sign_on_url: string;
  sign_requests: boolean;
  tested_at?: Time | null;
};

export type ConnectionStatus = "none" | "draft" | "ready";

export type Counts = {
  application_sessions: number;
  grants: number;
  keeps: number;
  levels: number;
  loses: number;
  refresh_tokens: number;
  sessions: number;
};

export type CreatedOrganisation = {
  invitation: Invitation;
  organisation: Organisation;
  workspace: Workspace;
};

export type CustomRole = {
  default_level: Level;
  effect?: Effect | null;
  id: Id;
  invitations: number;
  levels: Record<string, Level>;
  members: number;
  name: Name;
  slug: string;
};

export type CustomRoleChanges = {
  default_level?: Level | null;
  levels?: Record<string, GivenLevel> | null;
  name?: Name | null;
};

export type Effect = {
  applications: ApplicationRef[];
  applied: boolean;
  counts: Counts;
  keeps: Affected[];
  levels: LevelChange[];
  loses: Affected[];
  organisations?: Share[];
  warnings: string[];
};

export type Email = string;

export type Error = {
  error: ErrorText;
};

export type ErrorText = {
  code: string;
  field?: string | null;
  fields?: FieldFault[] | null;
  message: string;
  methods?: Method[] | null;
  organisation?: string | null;
};

export type Fault = "provider" | "settings" | "operator" | "clock" | "person" | "nobody";

export type FieldFault = {
  field: string;
  message: string;
};

export type Finding = {
  check: string;
  found: string;
  lines?: ProxyLines | null;
  ok?: boolean | null;
  what?: string | null;
};

export type ForgottenPassword = {
  email: Email;
  return?: string | null;
};

export type GivenLevel = Level | null;

export type Grant = {
  at: Time;
  expires_at: Time;
  method: Method;
  organisation: Id;
};

export type Id = string;

export type InspectedInvitation = {
  account?: boolean | null;
  brand?: Brand | null;
  email: Email;
  expires_at: Time;
  organisation: string;
  portal_url?: string | null;
  role: Role;
  role_name?: Name | null;
  saml_only: boolean;
  workspace: string;
};

export type InspectedReset = {
  confirms_operator?: boolean;
  email: Email;
  first?: boolean;
  opens_nothing?: boolean;
  return?: string | null;
  sso_only?: SsoOnlyOrganisation[];
  with_code?: boolean;
};

export type InspectedSetUp = {
  plans: Plan[];
};

export type Invitation = {
  accept_url?: string | null;
  created_at: Time;
  email: Email;
  expires_at: Time;
  id: Id;
  invited_by: string;
  role: Role;
  role_name?: Name | null;
  status: InvitationStatus;
  workspace: Id;
};

export type InvitationOutcome = "invited" | "member" | "already_invited" | "repeated" | "invalid" | "plan_limit" | "mail_limit";

export type InvitationStatus = "pending" | "expired" | "orphaned";

export type Job = {
  failed_at?: Time | null;
  failure?: string | null;
  name: string;
  next_at?: Time | null;
  ok?: boolean | null;
  period_secs: number;
  ran_at?: Time | null;
};

export type Key = {
  created_at: Time;
  created_by: string;
  expires_at?: Time | null;
  id: Id;
  key?: string | null;
  last_used_at?: Time | null;
  name: string;
  scopes: Scope[];
};

export type Level = "no_access" | "viewer" | "operator" | "editor" | "admin";

export type LevelChange = {
  application: Id;
  email: Email;
  from: Level;
  name: string;
  to: Level;
  user: Id;
};

export type Lives = {
  invitation_hours: number;
  session_days: number;
  session_idle_hours: number;
};

export type Mail = {
  attempts: number;
  created_at: Time;
  expires_at: Time;
  id: Id;
  kind: MailKind;
  last_error?: string | null;
  next_attempt_at?: Time | null;
  subject: string;
  to: Email;
};

export type MailKind = "invitation" | "reset" | "reset_link" | "certificate_expiring" | "certificate_found" | "connection_waiting" | "saml_reminder" | "backup_late" | "password_changed" | "new_browser" | "operator_added" | "admin_added" | "admin_removed" | "key_made" | "connection_changed" | "saml_only_changed" | "recovery_used";

export type MailListing = {
  items: Mail[];
  mail_server: boolean;
  next?: string | null;
};

export type MailTest = {
  accepted: boolean;
  from: string;
  server: string;
  steps: MailTestStep[];
  warning?: string | null;
};

export type MailTestStep = {
  found: string;
  ok: boolean;
  step: string;
  what?: string | null;
};

export type Me = {
  grants: Grant[];
  last_workspace?: Id | null;
  organisations: OwnOrganisation[];
  password: boolean;
  person: Person;
};

export type Member = {
  admin: boolean;
  disabled: boolean;
  email: Email;
  last_method?: Method | null;
  last_sign_in_at?: Time | null;
  name: string;
  password: boolean;
  reminded_at?: Time | null;
  user: Id;
  workspaces: Place[];
};

export type MemberGrant = {
  at: Time;
  expires_at: Time;
  method: Method;
};

export type MemberSession = {
  address?: string | null;
  agent: string;
  grants: MemberGrant[];
  id: Id;
};

export type MetadataCopy = {
  failed_at?: Time | null;
  failure?: string | null;
  fetched_at: Time;
  next_at: Time;
};

export type MetadataSource = {
  adopt_certificates: boolean;
  metadata: MetadataCopy;
  metadata_url: string;
};

export type MetadataToRead = {
  metadata_url?: string | null;
  metadata_xml?: string | null;
};

export type Method = "password" | "saml" | "recovery";

export type Name = string;

export type NameIdFormat = "none" | "email" | "persistent" | "transient" | "unspecified";

export type Named = {
  id: string;
  name?: string | null;
};

export type NewAdmin = {
  email: Email;
};

export type NewApplication = {
  assertion?: boolean | null;
  backchannel_logout_uri?: string | null;
  client_type?: ClientType | null;
  description?: string | null;
  hosts?: string[] | null;
  icon?: string | null;
  kind: ApplicationKind;
  name: Name;
  pkce_optional?: boolean | null;
  post_logout_redirect_uris?: string[] | null;
  redirect_uris?: string[] | null;
  rules?: NewPathRule[] | null;
  signing?: SigningAlgorithm | null;
  token_auth?: TokenAuth | null;
  url: string;
};

export type NewApplicationHosts = {
  hosts: string[];
};

export type NewBranding = {
  logo?: string | null;
  name?: Name | null;
};

export type NewClientSecret = {
  client_secret: string;
  id: Id;
};

export type NewConnection = {
  adopt_certificates?: boolean | null;
  certificates?: string[] | null;
  force_authn?: boolean | null;
  idp_entity_id?: string | null;
  metadata_url?: string | null;
  metadata_xml?: string | null;
  name_id_format?: NameIdFormat | null;
  portal_key: string;
  provider: Provider;
  sign_on_url?: string | null;
  sign_requests?: boolean | null;
};

export type NewCustomRole = {
  default_level: Level;
  levels?: Record<string, Level> | null;
  name: Name;
};

export type NewInvitation = {
  email: Email;
  role: Role;
};

export type NewInvitations = {
  invitations?: NewInvitation[] | null;
  role?: Role | null;
  text?: string | null;
};

export type NewKey = {
  expires_at?: Time | null;
  name: Name;
  scopes: Scope[];
};

export type NewOperator = {
  email: Email;
  new_password?: boolean;
};

export type NewOperatorsKey = {
  expires_at?: Time | null;
  name: Name;
};

export type NewOrganisation = {
  admin_email: Email;
  name: Name;
  plan: string;
};

export type NewPassword = {
  current_password: string;
  new_password: string;
};

export type NewPathRule = {
  methods?: string[] | null;
  path: string;
  require: Require;
};

export type NewReminder = {
  email?: Email | null;
};

export type NewRole = {
  role: Role;
};

export type NewSetupLink = {
  days?: number | null;
  note?: string | null;
};

export type NextSteps = {
  done: boolean;
  items: Step[];
};

export type Nothing = Record<string, unknown>;

export type NoticeKind = "password_changed" | "new_browser" | "operator_added" | "admin_added" | "admin_removed" | "key_made" | "connection_changed" | "saml_only_changed" | "recovery_used";

export type Obstacle = {
  code: string;
  message: string;
};

export type Opening = {
  method: Method;
  organisation: string;
};

export type Operator = {
  accept_url?: string | null;
  disabled: boolean;
  effect?: Effect | null;
  email: Email;
  name: string;
  password: boolean;
  pending: boolean;
  user: Id;
};

export type Organisation = {
  created_at: Time;
  id: Id;
  invitation_hours?: number | null;
  language?: string | null;
  lives: Lives;
  name: string;
  people: number;
  plan: Plan;
  saml_only: boolean;
  session_days?: number | null;
  session_idle_hours?: number | null;
  slug: string;
  sso: ConnectionStatus;
  workspaces: number;
};

export type OrganisationAdmin = {
  disabled: boolean;
  email: Email;
  name: string;
  user: Id;
};

export type OrganisationChange = {
  invitation_hours?: number | null;
  language?: string | null;
  name?: Name | null;
  session_days?: number | null;
  session_idle_hours?: number | null;
};

export type OwnKeys = {
  created_at: Time;
  encryption: Certificate;
  id: Id;
  last_decrypted_at?: Time | null;
  signing: Certificate;
  signs: boolean;
};

export type OwnOrganisation = {
  admin: boolean;
  brand?: Brand | null;
  certificates_end_at?: Time | null;
  id: Id;
  name: string;
  open: boolean;
  password: boolean;
  plan: string;
  portal_url?: string | null;
  slug: string;
  workspaces: Place[];
};

export type PasswordReset = {
  password: string;
  token: string;
};

export type PathRule = {
  methods?: string[] | null;
  path: string;
  require: Require;
};

export type Person = {
  email: Email;
  id: Id;
  language?: string | null;
  name: string;
  notify_new_browser: boolean;
  operator: boolean;
};

export type Place = {
  id: Id;
  name: string;
  role: Role;
  role_name?: Name | null;
};

export type Plan = {
  auth_mode: AuthMode;
  id: string;
  max_mails_per_day: number | null;
  max_members: number | null;
  max_workspaces: number | null;
  name: string;
};

export type PlanChange = {
  auth_mode?: AuthMode | null;
  max_mails_per_day?: number | null;
  max_members?: number | null;
  max_workspaces?: number | null;
  name?: Name | null;
};

export type PlanChoice = {
  plan: string;
};

export type PlanUse = {
  auth_mode: AuthMode;
  id: string;
  max_mails_per_day: number | null;
  max_members: number | null;
  max_workspaces: number | null;
  name: string;
  organisations: number;
  people: number;
};

export type Product = "google" | "okta" | "entra" | "keycloak" | "adfs" | "jumpcloud" | "onelogin" | "other";

export type Provider = "google" | "okta" | "entra" | "custom";

export type ProviderValues = {
  certificates: string[];
  idp_entity_id: string;
  sign_on_url: string;
  sign_requests: boolean;
  warnings: string[];
};

export type ProxyLines = {
  apache: string;
  caddy: string;
  nginx: string;
  traefik: string;
};

export type Readiness = {
  mail_server: boolean;
  portal_url?: string | null;
  ready: number;
  since?: Time | null;
  total: number;
};

export type Reauthentication = {
  password: string;
};

export type RecoveryCodes = {
  recovery_codes: string[];
};

export type RefusalLine = {
  code: string;
  expected: string;
  expected_text?: string | null;
  fault?: Fault | null;
  fault_text?: string | null;
  fix?: string | null;
  fix_for?: Product[] | null;
  message: string;
  received: string;
  received_text?: string | null;
};

export type Reminded = {
  left: number;
  reminded: number;
  skipped: number;
};

export type Require = "public" | "signed_in" | "viewer" | "operator" | "editor" | "admin";

export type ResetLink = {
  effect?: Effect | null;
  mailed?: boolean | null;
  reset_url?: string | null;
};

export type ResetRequested = {
  mail_server: boolean;
};

export type Role = string;

export type RoleChoice = {
  name: string;
  role: Role;
  slug: string;
};

export type RoleChoices = {
  items: RoleChoice[];
};

export type Rule = {
  expected: string;
  ok?: boolean | null;
  received: string;
  rule: string;
};

export type SamlOnly = {
  enabled: boolean;
};

export type SamlOnlyEffect = Effect & {
  recovery_codes?: string[] | null;
};

export type SamlOnlyForesight = Effect & {
  obstacle?: Obstacle | null;
};

export type Scope = "read" | "manage_members" | "manage_sso" | "manage_applications";

export type Session = {
  address?: string | null;
  agent: string;
  created_at: Time;
  current: boolean;
  expires_at: Time;
  id: Id;
  last_seen_at: Time;
  methods: Method[];
  opens: Opening[];
  organisations: string[];
};

export type SetUp = {
  email: Email;
  name: Name;
  organisation: Name;
  password: string;
  plan?: string | null;
  token: string;
};

export type SetupConnection = Partial<ConnectionSettings> & {
  adopt_certificates: boolean;
  brand?: Brand | null;
  callback_url: string;
  certificates: Certificate[];
  effect?: Effect | null;
  entity_id: string;
  expires_at: Time;
  metadata_url?: string | null;
  organisation: string;
  status: ConnectionStatus;
  suggested_portal_key: string;
};

export type SetupLink = {
  created_at: Time;
  created_by: string;
  expires_at: Time;
  id: Id;
  last_used_at?: Time | null;
  note: string;
  status: SetupLinkStatus;
  url?: string | null;
};

export type SetupLinkStatus = "live" | "done" | "expired" | "orphaned";

export type Share = {
  counts: Counts;
  name: string;
  organisation: Id;
};

export type SignIn = {
  email: string;
  organisation?: string | null;
  password: string;
  recovery_code?: string | null;
};

export type SigningAlgorithm = "RS256" | "ES256";

export type SkewLevel = "fine" | "drifting" | "failing";

export type Snippet = {
  language: string;
  name: string;
  text: string;
};

export type Snippets = {
  items: Snippet[];
};

export type SsoOnlyOrganisation = {
  organisation: string;
  portal_url: string;
  unconfirmed?: boolean;
};

export type SsoRequired = {
  error: ErrorText;
  portal_urls?: string[] | null;
};

export type Step = {
  done: boolean;
  optional: boolean;
  path?: string | null;
  step: string;
  text: string;
  title: string;
};

export type Strength = {
  fault?: string | null;
  score: number;
};

export type TestMail = {
  email: Email;
};

export type Time = string;

export type Token = {
  token: string;
};

export type TokenAuth = "client_secret_basic" | "client_secret_post" | "none";

export type TraceClock = {
  allowed_secs: number;
  difference_secs: number;
  issued_at: Time;
  received_at: Time;
};

export type TriedInvitation = {
  email: string;
  invitation?: Invitation | null;
  line: number;
  message?: string | null;
  name: string;
  outcome: InvitationOutcome;
  role?: Role | null;
  role_name?: Name | null;
  text: string;
};

export type TriedInvitations = {
  applied: boolean;
  items: TriedInvitation[];
};

export type TypedPassword = {
  email?: string;
  name?: string;
  organisation?: string;
  password: string;
  token?: string | null;
};

export type WholeAttempt = {
  at: Time;
  attributes?: Record<string, string[] | null> | null;
  certificate?: string | null;
  clock?: TraceClock | null;
  email?: string | null;
  id: Id;
  message?: string | null;
  outcome: AttemptOutcome;
  reference: string;
  refusal?: WholeRefusal | null;
  rules: WholeRule[];
};

export type WholeRefusal = {
  code: string;
  expected: string;
  expected_text?: string | null;
  fault?: Fault | null;
  fault_text?: string | null;
  fix?: string | null;
  fix_for?: Product[] | null;
  fixes?: Record<string, string> | null;
  message: string;
  places?: Record<string, string> | null;
  received: string;
  received_text?: string | null;
  what?: string | null;
};

export type WholeRule = {
  asks?: string | null;
  expected: string;
  expected_text?: string | null;
  name?: string | null;
  ok?: boolean | null;
  received: string;
  received_text?: string | null;
  rule: string;
  source?: string | null;
};

export type Workspace = {
  created_at: Time;
  id: Id;
  members: number;
  name: string;
  organisation: Id;
  role?: Role | null;
  role_name?: Name | null;
  slug: string;
};

export type WorkspaceMember = {
  disabled: boolean;
  effect?: Effect | null;
  email: Email;
  joined_at: Time;
  last_method?: Method | null;
  last_sign_in_at?: Time | null;
  name: string;
  organisation_admin: boolean;
  role: Role;
  role_name?: Name | null;
  user: Id;
};

export type WorkspaceName = {
  name: Name;
};
