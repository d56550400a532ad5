import Catalog
package import Core
import Hashing
import Release

extension Hub {
    /// The name of a manifest's bytes, which a plan keeps.
    package static func digest(ofManifest text: String) -> Digest { Digest(of: Array(text.utf8)) }

    /// What model servers wrote may quote their users: it is for those who may write the model.
    package func requireWriter(of name: EndpointName, for who: Principal) throws {
        guard let repo = try endpoint(name, for: who).repo else {
            try who.requireSiteAdmin()
            return
        }
        _ = try catalog.read { try $0.repo(repo, for: who, as: .writer) }
    }
}
