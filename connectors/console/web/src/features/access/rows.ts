/** Users as a list has them: those that fit what is asked for, and how many hold each role. */
import type { Page } from "../../shared/table/types";
import type { Search } from "../../shared/url/search";
import type { Department, Everybody, User } from "./queries";

/** The role of those who have none. */
export const NONE = "none";

export function usersOf(found: Everybody, asked: Search): Page<User> {
  const like = (asked.q ?? "").toLowerCase();
  const rows = found.users.filter((user) => user.name.toLowerCase().includes(like) && holds(user, asked.role));
  return { rows, next: null, as_of: null };
}

export function departmentsOf(found: Everybody): Page<Department> {
  return { rows: found.departments, next: null, as_of: null };
}

/** Each role that there is, with how many users hold it anywhere; and how many hold none. */
export function counted(found: Everybody): { role: string; users: number }[] {
  const roles = [...found.roles.map(({ role }) => role), NONE];
  return roles.map((role) => ({ role, users: found.users.filter((user) => holds(user, role)).length }));
}

function holds(user: User, role: string | undefined): boolean {
  if (!role) return true;
  return role === NONE ? user.grants.length === 0 : user.grants.some((grant) => grant.role === role);
}
