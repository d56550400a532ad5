import Catalog
import Core
import Release

/// What an act on an endpoint asks of whoever does it.
enum ServingAct {
    case read, plan, apply, approve(role: String), force, administer
}

extension Snapshot {
    /// The endpoint, if `who` may do that with it; else the refusal that tells no more than it may.
    /// A deleted one is found only where `orDeleted`.
    func endpoint(_ name: EndpointName, for who: Principal, to act: ServingAct, orDeleted: Bool = false) throws -> EndpointRow {
        guard let row = try endpointRow(name), row.deleted == nil || orDeleted else { throw HubError.unknownServing(name) }
        try require(act, on: row, name, for: who)
        return row
    }

    func require(_ act: ServingAct, on row: EndpointRow, _ name: EndpointName, for who: Principal) throws {
        let access = try row.repo.flatMap { try repo(id: $0) }.flatMap { try self.access($0.name, user: who.userID)?.access }
        let role = access.map { who.effective($0.granted) } ?? who.effective(nil)
        let grants = try who.userID.map { try permissions(of: $0, on: row.id) } ?? []
        let isVisible = access?.isOpen(to: who) ?? false || role != nil || !grants.isEmpty
        guard isVisible else { throw HubError.unknownServing(name) }
        if case .read = act { return }
        let user = try who.requireUser()
        guard user.ceiling >= .writer else {
            throw HubError(.notPermitted, "this token only reads; changing what serves needs the role writer")
        }
        guard !allows(act, role, grants, user) else { return }
        throw HubError(.notPermitted, "\(user.name) may not \(act.words) \(name): \(act.need)")
    }

    private func allows(_ act: ServingAct, _ role: Role?, _ grants: [EndpointPermission], _ user: Principal.User) -> Bool {
        let role = role ?? .reader
        return switch act {
        case .read: true
        case .plan: role >= .writer || grants.contains(.plan) || grants.contains(.apply)
        case .apply: role >= .writer || grants.contains(.apply)
        case .approve("writer"): role >= .writer || grants.contains(.approve)
        case .approve("admin"): role >= .admin || grants.contains(.approve)
        case .approve(let name): grants.contains(.role(name)) || (user.isSiteAdmin && user.ceiling == .admin)
        case .force: role >= .admin || grants.contains(.force)
        case .administer: role >= .admin
        }
    }
}

extension ServingAct {
    fileprivate var words: String {
        switch self {
        case .read: "see"
        case .plan: "plan for"
        case .apply: "change"
        case .approve: "approve for"
        case .force: "force"
        case .administer: "administer"
        }
    }

    fileprivate var need: String {
        switch self {
        case .read: "ask an admin of the model's repo"
        case .plan: "it needs the role writer in the model's repo, or the permission release.plan"
        case .apply: "it needs the role writer in the model's repo, or the permission release.apply"
        case .approve("writer"): "it needs the role writer in the model's repo, or the permission release.approve"
        case .approve("admin"): "it needs the role admin in the model's repo, or the permission release.approve"
        case .approve(let role): "it needs the permission role:\(role)"
        case .force: "it needs the role admin in the model's repo, or the permission release.force"
        case .administer: "it needs the role admin in the model's repo"
        }
    }
}

extension HubError {
    static func unknownServing(_ name: EndpointName) -> HubError {
        HubError(.unknownServing, "there is no endpoint '\(name)' here that you can see; 'grayling endpoint list' shows yours")
    }
    static func unknownRelease(_ id: ReleaseID) -> HubError {
        HubError(.unknownRelease, "there is no release '\(id)' here that you can see; 'grayling release list' shows yours")
    }
}
