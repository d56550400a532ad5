import Core
import Hub
import HuggingFace
import LFS
import Native
import Wire
import Xet

/// The dialects of this server, and what answers for them on the event loops.
struct Speakers: Sendable {
    let hub: Hub
    let huggingFace: HuggingFaceRoutes
    /// In the order in which they are asked whose an address is: LFS and Xet have addresses inside
    /// those that the Hugging Face dialect would take.
    let dialects: Dialects

    init(hub: Hub, version: String, serving: NativeServing) {
        self.hub = hub
        huggingFace = HuggingFaceRoutes(hub: hub, xetHash: { try hub.xetHash(of: $0, size: $1) })
        dialects = Dialects([
            NativeRoutes(hub: hub, facts: NativeFacts(version: version), serving: serving), XetRoutes(hub: hub),
            LFSRoutes(hub: hub, xetToken: { try await Self.xetToken(hub, $0, $1, isWrite: $2, $3) }), huggingFace
        ])
    }

    func readers(_ surface: (String) -> Metrics.Surface) -> [any LeanReader] {
        [
            FileReader(NativeFiles(hub: hub), surface: surface("native")),
            HuggingFaceReader(HuggingFaceFiles(hub: hub, xetHash: huggingFace.xetHash), surface: surface("huggingface"))
        ]
    }

    /// What a client of the LFS batch is told when it goes on by Xet.
    private static func xetToken(
        _ hub: Hub, _ repo: RepoName, _ who: Principal, isWrite: Bool, _ origin: RequestOrigin
    ) async throws -> (href: String, headers: [(String, String)])? {
        let scope: XetScope = isWrite ? .write : .read
        let token = try await hub.xetToken(scope, for: repo, at: .main, by: who)
        return (
            "\(origin.url)/api/\(repo.kind.plural)/\(repo)/xet-\(scope.rawValue)-token/main",
            [
                ("X-Xet-Cas-Url", token.address(at: origin.url)), ("X-Xet-Access-Token", token.text),
                ("X-Xet-Token-Expiration", "\(token.expires.seconds)")
            ]
        )
    }
}
