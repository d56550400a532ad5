/// The query of a list in pages.
func page(_ more: Endpoint.Parameter...) -> [Endpoint.Parameter] {
    more + [
        .init(name: "limit", meaning: "rows on a page, 1 to 1000 (default 100)"),
        .init(name: "cursor", meaning: "the `next` of the page before")
    ]
}
private let revision = Endpoint.Parameter(name: "revision", meaning: "branch, version, alias or commit id (default main)")
private let ifMatch = Endpoint.Parameter(
    name: "If-Match", meaning: "the ETag last read; 412 if it changed since. `*`: must exist")
private let repo = "/hub/v1/{kind}/{owner}/{name}"

extension Endpoint {
    // The server itself.
    package static let showServer = Endpoint(
        "GET", "/hub/v1", "What this server is and what it accepts", response: .json("ServerInfo"), access: .anyone)
    package static let openAPI = Endpoint(
        "GET", "/hub/v1/openapi.json", "This API in OpenAPI 3.1", response: .bytes("application/json"), access: .anyone)
    package static let whoami = Endpoint("GET", "/hub/v1/whoami", "The user behind the token", response: .json("WhoAmI"), access: .signedIn)
    package static let listEvents = Endpoint(
        "GET", "/hub/v1/events", "Everything that changed, oldest first, each chained to the one before by hash",
        query: page(
            .init(name: "repo", meaning: "only events of owner/name, for its admins"),
            .init(name: "kind", meaning: "model or dataset, with repo (default model)")), response: .json("Page<EventInfo>"), access: .signedIn)

    // Tokens and owners.
    package static let createToken = Endpoint(
        "POST", "/hub/v1/tokens", "Makes a token; its secret is shown this once", request: .json("NewToken"), response: .json("CreatedToken"),
        status: 201, access: .signedIn)
    package static let listTokens = Endpoint(
        "GET", "/hub/v1/tokens", "Your tokens, without their secrets", response: .json("Page<TokenInfo>"), access: .signedIn)
    package static let revokeToken = Endpoint("DELETE", "/hub/v1/tokens/{id}", "Ends a token at once", status: 204, access: .signedIn)
    package static let createOwner = Endpoint(
        "POST", "/hub/v1/owners", "Makes a namespace for an organisation; you become its admin", request: .json("NewOwner"),
        response: .json("OwnerInfo"), status: 201, access: .signedIn)
    package static let listOwners = Endpoint(
        "GET", "/hub/v1/owners", "All namespaces", query: page(), response: .json("Page<OwnerInfo>"), access: .anyone)
    package static let showOwner = Endpoint("GET", "/hub/v1/owners/{owner}", "One namespace", response: .json("OwnerInfo"), access: .anyone)
    package static let listOwnerMembers = Endpoint(
        "GET", "/hub/v1/owners/{owner}/members", "Who may act in a namespace", response: .json("Page<MemberInfo>"), access: .admin)
    package static let setOwnerMember = Endpoint(
        "PUT", "/hub/v1/owners/{owner}/members/{user}", "Gives a user a role in every repo of the namespace", request: .json("SetRole"),
        response: .json("MemberInfo"), access: .admin)
    package static let removeOwnerMember = Endpoint(
        "DELETE", "/hub/v1/owners/{owner}/members/{user}", "Takes the role away", status: 204, access: .admin)

    // Repos.
    package static let listRepos = Endpoint(
        "GET", "/hub/v1/{kind}", "Repos you can see, newest change first",
        query: page(.init(name: "search", meaning: "words in owner/name or description"), .init(name: "owner", meaning: "only this owner's")),
        response: .json("Page<RepoInfo>"), access: .anyone)
    package static let createRepo = Endpoint(
        "POST", "/hub/v1/{kind}", "Makes an empty repo", request: .json("NewRepo"), response: .json("RepoInfo"), status: 201, access: .writer)
    package static let showRepo = Endpoint("GET", repo, "One repo", response: .json("RepoInfo"))
    package static let changeRepo = Endpoint(
        "PATCH", repo, "Changes visibility or description", headers: [ifMatch], request: .json("RepoChange"), response: .json("RepoInfo"),
        access: .admin)
    package static let deleteRepo = Endpoint(
        "DELETE", repo, "Deletes a repo with all its revisions; refused while another repo's lineage or a lock needs one of them", headers: [ifMatch],
        status: 204, access: .admin)
    package static let moveRepo = Endpoint(
        "POST", repo + "/move", "Renames a repo; the old name goes on leading here until it is taken again", request: .json("MoveRepo"),
        response: .json("RepoInfo"), access: .admin)
    package static let listMembers = Endpoint(
        "GET", repo + "/members", "Who holds a role in this repo", response: .json("Page<MemberInfo>"), access: .admin)
    package static let setMember = Endpoint(
        "PUT", repo + "/members/{user}", "Gives a user a role in this repo", request: .json("SetRole"), response: .json("MemberInfo"), access: .admin)
    package static let removeMember = Endpoint("DELETE", repo + "/members/{user}", "Takes the role away", status: 204, access: .admin)

    // Revisions and files.
    package static let listRevisions = Endpoint(
        "GET", repo + "/revisions", "The history of a revision, newest first", query: page(revision), response: .json("Page<RevisionInfo>"))
    package static let showRevision = Endpoint(
        "GET", repo + "/revisions/{revision}", "One revision, by any of its names", response: .json("RevisionInfo"))
    package static let listFiles = Endpoint(
        "GET", repo + "/files", "The files of a revision in byte order of their paths",
        query: page(revision, .init(name: "prefix", meaning: "only paths that begin so")), response: .json("Page<FileInfo>"))
    package static let showManifest = Endpoint(
        "GET", repo + "/manifest/{revision}", "The canonical manifest: a header, then `digest size path` a line", response: .bytes("text/plain"))
    package static let resolveFile = Endpoint(
        "GET", repo + "/resolve/{revision}/{path*}",
        "The bytes of a file. HEAD answers with size, digest (ETag) and X-Repo-Commit alone; Range, If-Range and If-None-Match are honoured",
        response: .bytes("application/octet-stream"))
    package static let diffRevisions = Endpoint(
        "GET", repo + "/diff", "What changed between two revisions",
        query: [.init(name: "from", meaning: "the older revision"), .init(name: "to", meaning: "the newer revision (default main)")],
        response: .json("DiffInfo"))

    // Names of revisions.
    package static let listRefs = Endpoint("GET", repo + "/refs", "All branches, versions and aliases", response: .json("RefsInfo"))
    package static let setBranch = Endpoint(
        "PUT", repo + "/branches/{ref}", "Makes a branch, or moves one (with If-Match)", headers: [ifMatch], request: .json("SetRef"),
        response: .json("RefInfo"), access: .writer)
    package static let deleteBranch = Endpoint(
        "DELETE", repo + "/branches/{ref}", "Deletes a branch; main stays", headers: [ifMatch], status: 204, access: .writer)
    package static let createVersion = Endpoint(
        "PUT", repo + "/versions/{ref}", "Names a revision for ever; an existing version is refused with 409", request: .json("SetRef"),
        response: .json("RefInfo"), status: 201, access: .writer)
    package static let withdrawVersion = Endpoint(
        "DELETE", repo + "/versions/{ref}", "Withdraws a version: it stays readable, is marked, and its name is never used again",
        query: [.init(name: "reason", meaning: "why, for people who pinned it")], status: 204, access: .admin)
    package static let setAlias = Endpoint(
        "PUT", repo + "/aliases/{ref}", "Points an alias at a revision; every move is kept", headers: [ifMatch], request: .json("SetRef"),
        response: .json("RefInfo"), access: .writer)
    package static let deleteAlias = Endpoint(
        "DELETE", repo + "/aliases/{ref}", "Deletes an alias; its history stays", headers: [ifMatch], status: 204, access: .writer)
    package static let showAliasHistory = Endpoint(
        "GET", repo + "/aliases/{ref}/history", "Where an alias pointed, newest first", response: .json("Page<AliasMove>"))

    // Publishing.
    package static let planPublish = Endpoint(
        "POST", repo + "/publish/plan", "Says which blobs are still to be sent, and keeps the ones already here from collection for a day",
        request: .json("PublishPlanRequest"), response: .json("PublishPlan"), access: .writer)
    package static let publish = Endpoint(
        "POST", repo + "/publish", "Makes a revision of files whose blobs are here: all of it or nothing",
        headers: [.init(name: "Idempotency-Key", meaning: "1 to 128 visible characters; the same key and request again give the same answer")],
        request: .json("PublishRequest"), response: .json("Published"), status: 201, access: .writer)
    package static let headBlob = Endpoint("HEAD", "/hub/v1/blobs/{digest}", "Whether you can read a blob, and its size", access: .anyone)
    package static let getBlob = Endpoint(
        "GET", "/hub/v1/blobs/{digest}", "The bytes of a blob that a repo you can read holds", response: .bytes("application/octet-stream"),
        access: .anyone)
    package static let putBlob = Endpoint(
        "PUT", "/hub/v1/blobs/{digest}", "Stores a blob: verified while it arrives, on disk before the answer",
        request: .bytes("application/octet-stream"), response: .json("BlobInfo"), status: 201, access: .signedIn)
    package static let putBlobs = Endpoint(
        "POST", "/hub/v1/blobs", "Stores many small blobs (at most 1 MiB each) from one stream of `digest size\\n` + bytes",
        request: .bytes(BlobStream.mediaType), response: .json("Page<BlobInfo>"), status: 201, access: .signedIn)
    package static let beginUpload = Endpoint(
        "POST", "/hub/v1/uploads", "Begins a resumable upload, or finds the one you began anywhere for the same digest", request: .json("NewUpload"),
        response: .json("UploadInfo"), status: 201, access: .signedIn)
    package static let showUpload = Endpoint(
        "GET", "/hub/v1/uploads/{id}", "Which parts have arrived", response: .json("UploadInfo"), access: .signedIn)
    package static let putPart = Endpoint(
        "PUT", "/hub/v1/uploads/{id}/parts/{number}", "Stores one part, numbered from 0; parts may come in any order and side by side",
        request: .bytes("application/octet-stream"), status: 204, access: .signedIn)
    package static let completeUpload = Endpoint(
        "POST", "/hub/v1/uploads/{id}/complete", "Verifies the whole and gives it its name", response: .json("BlobInfo"), status: 201,
        access: .signedIn)
    package static let abortUpload = Endpoint("DELETE", "/hub/v1/uploads/{id}", "Forgets an upload", status: 204, access: .signedIn)

    // Lineage, locks.
    package static let showLineage = Endpoint(
        "GET", repo + "/lineage", "What a revision was made from (up) or what was made from it (down)",
        query: [
            revision, .init(name: "direction", meaning: "up or down (default up)"),
            .init(name: "depth", meaning: "steps at most, 1 to 64 (default 64)")
        ], response: .json("LineageInfo"))
    package static let addLineage = Endpoint(
        "POST", repo + "/lineage", "Declares a parent of a revision", request: .json("NewLineage"), response: .json("LineageInfo"), status: 201,
        access: .writer)
    package static let registerLock = Endpoint(
        "POST", "/hub/v1/locks", "Registers a deploy lock: what it pins is kept from deletion and collection", request: .bytes("application/json"),
        response: .json("LockInfo"), status: 201, access: .signedIn)
    package static let listLocks = Endpoint(
        "GET", "/hub/v1/locks", "Registered locks you can see", query: page(), response: .json("Page<LockInfo>"), access: .signedIn)
    package static let showLock = Endpoint(
        "GET", "/hub/v1/locks/{digest}", "The bytes of a lock", response: .bytes("application/json"), access: .signedIn)
    package static let releaseLock = Endpoint(
        "DELETE", "/hub/v1/locks/{digest}", "Gives up a lock; what it pinned may be deleted again", status: 204, access: .signedIn)

    // Care.
    package static let collect = Endpoint(
        "POST", "/hub/v1/care/collect", "Removes blobs that nothing needs; with dryRun only says which", request: .json("CollectRequest"),
        response: .json("CollectReport"), access: .siteAdmin)
    package static let verifyStore = Endpoint(
        "POST", "/hub/v1/care/verify",
        "Reads every blob again and checks every row; damage is quarantined, never deleted. Lines of JSON: progress, then the report",
        request: .json("VerifyRequest"), response: .bytes("application/x-ndjson"), access: .siteAdmin)
    package static let backup = Endpoint(
        "POST", "/hub/v1/care/backup",
        "Copies the data root into a folder of the server's machine while it serves. Lines of JSON: progress, then the report",
        request: .json("BackupRequest"), response: .bytes("application/x-ndjson"), access: .siteAdmin)

    package static let all: [Endpoint] = [
        showServer, openAPI, whoami, listEvents, createToken, listTokens, revokeToken, createOwner, listOwners, showOwner,
        listOwnerMembers, setOwnerMember, removeOwnerMember, listRepos, createRepo, showRepo, changeRepo, deleteRepo,
        moveRepo, listMembers, setMember, removeMember, listRevisions, showRevision, listFiles, showManifest, resolveFile,
        diffRevisions, listRefs, setBranch, deleteBranch, createVersion, withdrawVersion, setAlias, deleteAlias,
        showAliasHistory, planPublish, publish, headBlob, getBlob, putBlob, putBlobs, beginUpload, showUpload, putPart,
        completeUpload, abortUpload, showLineage, addLineage, registerLock, listLocks, showLock, releaseLock, collect,
        verifyStore, backup
    ] + serving
}

/// Many small blobs in one body: for each, a line `digest size` (64 hexadecimal digits, a
/// space, a decimal number, a newline), then exactly that many bytes.
package enum BlobStream {
    package static let mediaType = "application/vnd.grayling.blobs"
    /// Larger blobs go alone: 1 MiB.
    package static let largest: Int64 = 1 << 20
    package static func header(digestHex: String, size: Int64) -> String { "\(digestHex) \(size)\n" }
}
