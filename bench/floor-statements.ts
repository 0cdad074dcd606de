/**
 * The statements of the server for the measured operations, in its order. They are copies, so that the floor needs nothing of the
 * server; check-floor compares them with what the server really runs and says so when they differ.
 */

const USER = `u.id, u.connection_id, u.provenance, u.active, u.user_name, u.external_id, u.attributes, u.role,
  u.break_glass, u.scim_link_approved, u.version, u.created_at, u.updated_at, u.deleted_at`;
const GROUP = `g.id, g.connection_id, g.provenance, g.login_policy, g.protected, g.is_default, g.role, g.display_name,
  g.external_id, g.attributes, g.version, g.created_at, g.updated_at`;

/** The groups of a user as a column; the organization as the calling statement names it. */
const groupsOf = (organization: string) =>
  `(SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'displayName', g.display_name) ORDER BY g.id), '[]'::jsonb)
    FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
    WHERE m.organization_id = ${organization} AND m.user_id = u.id) AS groups`;

export const AUTHENTICATE = `SELECT c.organization_id, c.id, c.name, c.enabled, c.disabled_reason, c.jit, c.scim, c.provisioning, c.saml,
  c.attribute_mapping, o.roles AS organization_roles, t.id AS token_id, t.last_used_at, t.allowed_addresses, t.last_refused_at
  FROM scim_tokens t
  JOIN connections c ON c.organization_id = t.organization_id AND c.id = t.connection_id
  JOIN organizations o ON o.id = t.organization_id
  WHERE t.organization_id = $1 AND t.token_hash = $2 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)`;

export const BEGIN = 'START TRANSACTION';
export const COMMIT = 'COMMIT';
export const ROLLBACK = 'ROLLBACK';

export const CANDIDATES = `SELECT id FROM users WHERE organization_id = $1 AND user_name_key = $2 AND deleted_at IS NULL
  UNION
  SELECT user_id FROM identities WHERE organization_id = $1 AND connection_id = $3 AND name_id = $4`;

export const INSERT_USER = `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, external_id,
    email_keys, attributes, role, break_glass, scim_link_approved, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`;

export const DEFAULT_GROUPS = `SELECT id FROM groups WHERE organization_id = $1 AND is_default ORDER BY id`;

export const APPEND_EVENTS = `INSERT INTO outbox_events (organization_id, id, type, subject_id, data, occurred_at)
  SELECT $1, r.id, r.type, r."subjectId", r.data, $2
  FROM jsonb_to_recordset($3::jsonb) AS r(id uuid, type text, "subjectId" uuid, data jsonb)`;

export const APPEND_AUDIT = `INSERT INTO audit_entries (organization_id, id, at, actor_kind, actor_id, action, target_type, target_id, changes, correlation_id)
  SELECT $1, r.id, $2, $3, $4, r.action, r."targetType", r."targetId", r.changes, $5
  FROM jsonb_to_recordset($6::jsonb) AS r(id uuid, action text, "targetType" text, "targetId" text, changes jsonb)`;

export const FIND_BY_USER_NAME = `SELECT ${USER}, ${groupsOf('$1')}
  FROM users u WHERE u.organization_id = $1 AND u.deleted_at IS NULL AND u.user_name_key = ($2::text)
  ORDER BY u.id LIMIT $3 OFFSET $4`;

export const USER_VIEW = `SELECT ${USER}, ${groupsOf('u.organization_id')}
  FROM users u WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL`;

export const LOCK_USER = `SELECT ${USER} FROM users u
  WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL FOR NO KEY UPDATE`;

export const GROUP_ROLES = `SELECT DISTINCT g.role
  FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
  WHERE m.organization_id = $1 AND m.user_id = $2 AND g.role IS NOT NULL`;

export const UPDATE_USER = `UPDATE users SET connection_id = $3, provenance = $4, active = $5, user_name = $6, user_name_key = $7,
    external_id = $8, email_keys = $9, attributes = $10, role = $11, break_glass = $12, scim_link_approved = $13,
    updated_at = $14, version = version + 1
  WHERE organization_id = $1 AND id = $2 RETURNING version`;

export const REVOKE_SESSIONS = `UPDATE sessions SET revoked_at = $3, revoked_reason = $4
  WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id`;

export const LOCK_GROUP = `SELECT ${GROUP} FROM groups g WHERE g.organization_id = $1 AND g.id = $2 FOR NO KEY UPDATE`;
export const GROUP_BY_ID = `SELECT ${GROUP} FROM groups g WHERE g.organization_id = $1 AND g.id = $2`;

export const ADD_MEMBERS = `WITH known AS (
    SELECT u.id FROM users u
    WHERE u.organization_id = $1 AND u.id = ANY($3::uuid[]) AND u.deleted_at IS NULL ORDER BY u.id FOR KEY SHARE
  ), written AS (
    INSERT INTO memberships AS m (organization_id, group_id, user_id, origins, created_at)
    SELECT $1, $2, known.id, ARRAY[$4::text], $5 FROM known
    ON CONFLICT (organization_id, group_id, user_id)
    DO UPDATE SET origins = array_append(m.origins, $4) WHERE NOT ($4 = ANY (m.origins))
    RETURNING m.user_id, m.xmax = 0 AS inserted
  )
  SELECT known.id, written.inserted FROM known LEFT JOIN written ON written.user_id = known.id`;

export const TOUCH_GROUPS = `UPDATE groups SET version = version + 1, updated_at = $3
  WHERE organization_id = $1 AND id = ANY($2::uuid[])`;

export const MEMBERS_UP_TO = `SELECT asked.few, found.* FROM (
    SELECT $2::uuid AS id, count(*) <= $3::integer AS few FROM (
      SELECT 1 FROM memberships WHERE organization_id = $1 AND group_id = $2 LIMIT $3::integer + 1) counted
  ) asked CROSS JOIN LATERAL (
  SELECT to_json(array_agg(member.id)) AS ids, to_json(array_agg(member.name)) AS names FROM (
    SELECT m.user_id AS id, u.attributes ->> 'displayName' AS name
    FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
    WHERE m.organization_id = $1 AND m.group_id = asked.id AND asked.few ORDER BY m.user_id) member) found`;
