package import Core

/// The bodies of our HTTP API by name. The list is all that is written by hand: the fields
/// come from the types.
package enum Schemas {
    package typealias Body = any (Codable & Sendable).Type

    package static let all: [Body] = [
        // The server, tokens and owners.
        Problem.self, ServerInfo.self, WhoAmI.self, Page<EventInfo>.self, NewToken.self, CreatedToken.self,
        Page<TokenInfo>.self, NewOwner.self, OwnerInfo.self, Page<OwnerInfo>.self, SetRole.self, MemberInfo.self,
        Page<MemberInfo>.self,
        // Repos, revisions and their names.
        NewRepo.self, RepoInfo.self, Page<RepoInfo>.self, RepoChange.self, MoveRepo.self, RevisionInfo.self,
        Page<RevisionInfo>.self, Page<FileInfo>.self, DiffInfo.self, RefInfo.self, RefsInfo.self, SetRef.self,
        Page<AliasMove>.self,
        // Publishing.
        PublishPlanRequest.self, PublishPlan.self, PublishRequest.self, Published.self, BlobInfo.self,
        Page<BlobInfo>.self, NewUpload.self, UploadInfo.self,
        // Lineage and locks.
        LineageInfo.self, NewLineage.self, LockInfo.self, Page<LockInfo>.self,
        // Serving.
        EndpointInfo.self, Page<EndpointInfo>.self, RouteInfo.self, Page<RouteInfo>.self, RollbackOrder.self, GrantInfo.self,
        Page<GrantInfo>.self, Page<BackendInfo>.self, Page<ReplicaInfo>.self, Page<DriverInfo>.self, PlanInfo.self, NewRelease.self,
        AppliedInfo.self, ReleaseInfo.self, Page<ReleaseInfo>.self, AnalysisInfo.self, Page<DecisionInfo>.self,
        Page<ReleaseEventInfo>.self, Page<ApprovalInfo>.self, OrderReason.self, ApproveOrder.self, WhyInfo.self, NewTenant.self,
        TenantChange.self, TenantInfo.self, Page<TenantInfo>.self, CreatedTenant.self, NewTenantKey.self, CreatedTenantKey.self,
        Page<UsageInfo>.self, NewWebhook.self, CreatedWebhook.self, Page<WebhookInfo>.self,
        // Care. Progress and reports are lines of a stream, so no endpoint names them.
        CollectRequest.self, CollectReport.self, VerifyRequest.self, VerifyReport.self, BackupRequest.self,
        BackupReport.self, CareProgress.self
    ]

    /// What a type is called among the components: `RepoInfo`, and `PageOfRepoInfo` for
    /// `Page<RepoInfo>`, because a component name cannot have angle brackets.
    package static func componentName(of type: any Any.Type) -> String { componentName(of: String(describing: type)) }

    /// The component of the type that `Endpoint.Body.json` names. Throws where it is not in `all`.
    package static func reference(to type: String) throws(HubError) -> Schema {
        guard all.contains(where: { String(describing: $0) == type }) else {
            throw HubError(.internalError, "no body type is called '\(type)': expected one of Schemas.all; add it there")
        }
        return .reference(componentName(of: type))
    }

    /// Every type of `all` and every type inside one of them, by component name; each is a
    /// `Schema.object`.
    package static func components() throws -> [String: Schema] {
        let notes = SchemaNotes()
        for type in all { _ = try notes.describe(type) }
        return notes.components
    }

    private static func componentName(of type: String) -> String { type.replacing("<", with: "Of").replacing(">", with: "") }
}
