/// The condition that a user may read the repo of this alias: public, theirs by a role in it or
/// in its owner, or in their own namespace. `user` is the parameter that binds their id, or NULL
/// for nobody in particular.
func mayRead(_ repo: String = "r", user: String) -> String {
    """
    (\(repo).is_private = 0
      OR EXISTS (SELECT 1 FROM repo_role WHERE repo = \(repo).id AND user = \(user))
      OR EXISTS (SELECT 1 FROM owner_role WHERE owner = \(repo).owner AND user = \(user))
      OR EXISTS (SELECT 1 FROM user WHERE id = \(user) AND owner = \(repo).owner))
    """
}
