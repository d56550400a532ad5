import API
import ArgumentParser
import Client
import Core
import Foundation

struct Pull: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a revision into a folder or an archive.",
        discussion: """
            Every file is verified before it gets its name; files that are there already are kept, and an interrupted \
            pull goes on where it stopped. The folder remembers what it holds in .grayling/lock.json, for 'grayling verify'. \
            Files of the folder that the revision does not have are left alone.

              grayling pull acme/whale@1.0.0 ./whale
              grayling pull --lock deploy.lock ./models
              grayling pull acme/whale --tar | tar -x -C /srv/whale
            """)

    @Argument(
        help: ArgumentHelp(
            "What to fetch, and the folder (default: the repo's name). With --lock: the folder alone.", valueName: "owner/name[@revision] [folder]"))
    var names: [String] = []

    @Option(name: .long, help: ArgumentHelp("Fetch exactly what this deploy lock pins.", valueName: "file"), completion: .file())
    var lock: String?

    @Option(name: .long, help: ArgumentHelp("With --lock: only this model, straight into the folder.", valueName: "name"))
    var model: String?

    @Flag(name: .long, help: "Write a tar archive instead of a folder.")
    var tar = false

    @Flag(name: .long, help: "Write a zip archive instead of a folder.")
    var zip = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the archive goes (default: standard output).", valueName: "archive"))
    var out: String?

    @Option(name: .long, help: ArgumentHelp("Keep blobs here too, and take from here what is there.", valueName: "folder"))
    var cache: String?

    @Flag(name: .long, help: "With --cache: hard links into the folder instead of copies. Do not edit them.")
    var link = false

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    private var archive: WriteArchive.Format? { tar ? .tar : zip ? .zip : nil }

    func validate() throws {
        guard !(tar && zip) else { throw ValidationError("choose one of --tar and --zip") }
        guard out == nil || archive != nil else { throw ValidationError("-o needs --tar or --zip") }
        guard !link || cache != nil else { throw ValidationError("--link needs --cache: links lead to the cache's files") }
        guard model == nil || lock != nil else { throw ValidationError("--model chooses from a lock: add --lock deploy.lock") }
        let most = lock == nil && archive == nil ? 2 : 1
        guard names.count <= most, lock != nil || !names.isEmpty else {
            throw ValidationError(
                lock == nil ? "name what to pull: grayling pull owner/name[@revision] [folder]" : "with --lock, name only the folder")
        }
    }

    func run() async throws {
        let session = try connection.session()
        if let archive { return try await pullArchive(session, archive) }
        if let lock { return try await pullLock(session, lock) }
        let name = try kind.revisionName(names[0])
        let (_, files) = try await session.files(of: name.repo, name.revision)
        let folder = names.count > 1 ? names[1] : name.repo.name
        try report([try await fetch(session, files, into: folder)])
    }

    private func pullLock(_ session: Session, _ location: String) async throws {
        let models = try chosen(from: location)
        let top = names.first ?? "."
        var done: [Answer] = []
        for model in models {
            // One model goes straight into the folder, several into one of their own each.
            let folder = models.count == 1 && (self.model != nil || names.first != nil) ? top : "\(top)/\(model.alias)"
            done.append(try await fetch(session, try await session.files(of: model).lock, into: folder))
        }
        try report(done)
    }

    private func chosen(from location: String) throws -> [LockedModel] {
        let lock = try DeployLock.parse(try LocalText.read(location, limit: 1 << 30))
        guard let model else { return lock.models }
        guard let found = lock.models.first(where: { $0.alias == model }) else {
            throw HubError(.unknownRepo, "the lock '\(location)' has no model '\(model)'; it has \(lock.models.map(\.alias).joined(separator: ", "))")
        }
        return [found]
    }

    private func fetch(_ session: Session, _ files: FolderLock, into folder: String) async throws -> Answer {
        var options = PullOptions()
        options.cache = try cache.map { try ContentCache($0) }
        options.linksFromCache = link
        let destination = try Destination(folder)
        let meter = ProgressMeter()
        let summary = try await ProgressLine.watching(meter, output) { [options] in
            try await session.pull(files, into: destination, options, progress: meter)
        }
        return Answer(files, summary, folder)
    }

    private func report(_ answers: [Answer]) throws {
        if output.json { return answers.count == 1 && lock == nil ? try Terminal.json(answers[0]) : try Terminal.json(Page(items: answers)) }
        for answer in answers {
            Terminal.line("pulled \(answer.repo) into \(Terminal.plain(answer.folder))")
            Terminal.table([["revision", answer.commit], ["manifest", answer.manifest]])
            guard !output.quiet else { continue }
            Terminal.line(
                "\(Terminal.count(answer.files, "file")), \(Terminal.size(answer.totalBytes)); fetched \(Terminal.size(answer.fetchedBytes)) in \(answer.fetched); \(answer.kept) \(answer.kept == 1 ? "was" : "were") already right"
            )
        }
    }

    private func pullArchive(_ session: Session, _ format: WriteArchive.Format) async throws {
        let (info, files) = try await source(session)
        let meter = ProgressMeter()
        let target = try ArchiveTarget(out)
        try await ProgressLine.watching(meter, output) {
            try await session.pull(files, info, as: format, to: target.descriptor, progress: meter)
        }
        try target.finish()
        if !output.quiet { Terminal.note("wrote \(Terminal.count(files.files.count, "file")) of \(files.repo)@\(files.commit)") }
    }

    private func source(_ session: Session) async throws -> (RevisionInfo, FolderLock) {
        guard let lock else {
            let name = try kind.revisionName(names[0])
            return try await session.files(of: name.repo, name.revision)
        }
        let models = try chosen(from: lock)
        guard models.count == 1 else { throw HubError(.invalidRequest, "an archive holds one model: choose it with --model") }
        return try await session.files(of: models[0])
    }

    struct Answer: Codable, Sendable {
        let repo: String
        let kind: String
        let commit: String
        let manifest: String
        let folder: String
        let files: Int
        let totalBytes: Int64
        let kept: Int
        let fetched: Int
        let fetchedBytes: Int64

        init(_ lock: FolderLock, _ summary: PullSummary, _ folder: String) {
            repo = lock.repo.path
            kind = lock.repo.kind.rawValue
            commit = lock.commit.hex
            manifest = lock.manifest.description
            self.folder = folder
            files = summary.files
            totalBytes = summary.totalBytes
            kept = summary.kept
            fetched = summary.fetched
            fetchedBytes = summary.fetchedBytes
        }
    }
}
